/*
 * npm run vectors:keep -- DIR: makes the compact set of golden vectors that the tests carry, test/fixtures/vectors,
 * out of a folder that `npm run vectors` takes. Of each message and version it keeps a line with every field full and
 * one with nulls and empty arrays inside, and of the newest version one with unknown tagged fields. Of record batches it
 * keeps one of each case and codec, and all broken ones, without the words about them.
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

/** Larger batches are left out: they would be most of the set. */
const MAX_BATCH_LINE_LENGTH = 28_000;

/** Lines of a file of record batches, one of each `kind`, with what `facts` keeps of them. */
function keptBatches(file: string, kind: (line: Batch) => string, facts: (line: Batch) => object): string[] {
  const kept = new Map<string, string>();
  for (const text of fs.readFileSync(path.join(folder!, file), 'utf8').split('\n')) {
    if (text === '') continue;
    const line: Batch = JSON.parse(text);
    if (kept.has(kind(line)) || text.length > MAX_BATCH_LINE_LENGTH) continue;
    // The JSON goes over as text: its integers would not survive.
    const json = /"json":.*(?=,"hex":)/.exec(text)?.[0];
    const rest = JSON.stringify(facts(line)).slice(1);
    kept.set(kind(line), json === undefined ? `{${rest}` : `{${json},${rest}`);
  }
  return [...kept.values()];
}

interface Batch {
  readonly case: string;
  readonly json?: { readonly compression: string };
  readonly kafka?: Readonly<Record<string, { ok: boolean; result?: unknown; errorCode?: number }>>;
  readonly hex: string;
}

write(
  'batches.jsonl.gz',
  keptBatches(
    'records/batches.jsonl',
    line => `${line.case} ${line.json!.compression}`,
    line => ({ case: line.case, hex: line.hex }),
  ),
);
write(
  'invalid_batches.jsonl.gz',
  keptBatches(
    'records/invalid.jsonl',
    line => line.hex + line.case,
    line => ({
      case: line.case,
      kafka: Object.fromEntries(
        Object.entries(line.kafka!).map(([stage, { ok, result, errorCode }]) => [
          stage,
          { ok, result, errorCode },
        ]),
      ),
      hex: line.hex,
    }),
  ),
);
