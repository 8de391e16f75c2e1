import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const SOURCE = 'src/console/page';

/**
 * Bundles the page of the console into `folder`: index.html, and beside it files whose names have a hash of what is in
 * them, so that browsers may keep them forever. Returns the sizes in bytes by path.
 */
export async function bundlePage(folder: string): Promise<Map<string, number>> {
  fs.rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { page: `${SOURCE}/main.tsx` },
    outdir: folder,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const sizes = new Map(Object.entries(metafile.outputs).map(([output, { bytes }]) => [output, bytes]));
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint !== undefined)!;
  const names: Record<string, string> = {
    'page.js': path.basename(entry[0]),
    'page.css': path.basename(entry[1].cssBundle!),
    'icon.svg': copyHashed(`${SOURCE}/icon.svg`, folder),
  };
  const html = fs
    .readFileSync(`${SOURCE}/index.html`, 'utf8')
    .replace(/\{([\w.]+)\}/g, (_, name: string) => names[name]!);
  fs.writeFileSync(path.join(folder, 'index.html'), html);
  return sizes;
}

function copyHashed(source: string, folder: string): string {
  const bytes = fs.readFileSync(source);
  const { name, ext } = path.parse(source);
  const hashed = `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase()}${ext}`;
  fs.writeFileSync(path.join(folder, hashed), bytes);
  return hashed;
}
