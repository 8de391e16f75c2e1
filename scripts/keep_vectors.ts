/*
 * npm run vectors:keep -- DIR: makes the compact set of golden vectors that the tests carry, test/fixtures/vectors,
 * out of a folder that `npm run vectors` takes. Of each message and version it keeps a line with every field full and
 * one with nulls and empty arrays inside, and of the newest version one with unknown tagged fields.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { FIXTURES } from './vectors/fixtures.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Usage: npm run vectors:keep -- DIR');
  process.exit(2);
}

interface Entry {
  readonly name: string;
  readonly file: string | null;
  readonly [fact: string]: unknown;
}

function readJson(name: string): Entry[] {
  return JSON.parse(fs.readFileSync(path.join(folder!, name), 'utf8'));
}

function write(name: string, lines: readonly string[]): void {
  const packed = gzipSync(`${lines.join('\n')}\n`, { level: 9 });
  fs.writeFileSync(path.join(FIXTURES, name), packed);
  console.log(`${name}: ${lines.length} lines, ${packed.length} bytes`);
}

/** In each version the lines stand in this order; the last is there only where the version is flexible. */
const FULL_LINE = 0;
const NULLS_LINE = 3;

/** The lines of a file that are kept, as they are but for their first key. */
function keptLines({ name, file }: Entry): string[] {
  const byVersion = new Map<number, string[]>();
  for (const line of fs.readFileSync(path.join(folder!, file!), 'utf8').split('\n')) {
    if (line === '') continue;
    const { version } = JSON.parse(line);
    byVersion.set(version, [...(byVersion.get(version) ?? []), line]);
  }
  const newest = Math.max(...byVersion.keys());
  return [...byVersion].flatMap(([version, lines]) => {
    const known = lines.filter(line => !line.includes('"unknownTagged":'));
    const unknown = lines.find(line => line.includes('"unknownTagged":'));
    const kept = [known[FULL_LINE]!, known[NULLS_LINE] ?? known.at(-1)!];
    if (version === newest && unknown !== undefined) kept.push(withoutTags(unknown));
    return [...new Set(kept)].map(line => `{"name":"${name}",${line.slice(1)}`);
  });
}

/** What the unknown tagged fields are is not looked at, only that they are there. */
function withoutTags(line: string): string {
  return line.replace(/"unknownTagged":\[.*\],"hex":/, '"unknownTagged":true,"hex":');
}

/** The facts of the index that the tests hold our declarations against. */
function keptFacts(entry: Entry): string {
  const { name, type, apiKey, validVersions, flexibleVersions, listeners, latestVersionUnstable } = entry;
  const { prefix, file } = entry;
  const kept = { name, type, apiKey, validVersions, flexibleVersions, listeners, latestVersionUnstable };
  return JSON.stringify({ ...kept, prefix, file });
}

fs.mkdirSync(FIXTURES, { recursive: true });
const index = readJson('index.json');
write('index.jsonl.gz', index.map(keptFacts));
write(
  'headers.jsonl.gz',
  readJson('headers.json').map(entry => JSON.stringify(entry)),
);
write(
  'messages.jsonl.gz',
  index.flatMap(entry => (entry.file === null ? [] : keptLines(entry))),
);
