import fs from 'node:fs';

/** The files below `folder` whose names end in `suffix`, sorted, with `/` on every system. */
export function globSync(folder: string, suffix: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith(suffix))
    .sort();
}

export function readFileSync(path: string): string {
  return fs.readFileSync(path, 'utf8');
}
