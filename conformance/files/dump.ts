/* Kafka's DumpLogSegments on a node's data directory. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../java-tools/tools.ts';

export interface Dumped {
  /** By the name of the log: the offset behind its last record. */
  readonly nextOffsets: ReadonlyMap<string, number>;
  /** The types of the records in the metadata log. */
  readonly metadataRecords: ReadonlySet<string>;
}

const COMPLAINTS = /mismatch|invalid bytes|could not|corrupt|non-?secutive|exception|error/i;

/** Has every file read; what the tool complains of is a failure. */
export async function dumpEverything(data: string): Promise<Dumped> {
  const logs = readdirSync(data).filter(name => /-\d+$/.test(name));
  const filesOf = (name: string, suffix: string) =>
    readdirSync(join(data, name))
      .filter(file => file.endsWith(suffix))
      .map(file => join(data, name, file))
      .sort();
  const all = (suffix: string) => logs.flatMap(name => filesOf(name, suffix));
  const nextOffsets = new Map<string, number>();
  for (const name of logs.filter(each => filesOf(each, '.log').some(isNotEmpty))) {
    const isOffsets = name.startsWith('__consumer_offsets-');
    const decoder = isOffsets ? ['--offsets-decoder'] : ['--print-data-log'];
    const text = await dump(filesOf(name, '.log'), '--deep-iteration', ...decoder);
    nextOffsets.set(name, nextOffsetIn(name, text));
  }
  await dump(all('.index'), '--index-sanity-check');
  await dump(all('.index'));
  await dump(all('.timeindex'));
  await dump(all('.txnindex'));
  assert.match(await dump(all('.snapshot')), /producerId: \d+ producerEpoch: \d+/);
  const metadata = filesOf('__cluster_metadata-0', '.log').concat(
    filesOf('__cluster_metadata-0', '.checkpoint'),
  );
  const records = await dump(metadata, '--cluster-metadata-decoder');
  return {
    nextOffsets,
    metadataRecords: new Set(Array.from(records.matchAll(/"type":"(\w+)"/g), ([, type]) => type!)),
  };
}

const isNotEmpty = (path: string): boolean => statSync(path).size > 0;

async function dump(files: readonly string[], ...options: string[]): Promise<string> {
  if (files.length === 0) return '';
  const { code, stdout, stderr } = await attempt('dump-log', ['--files', files.join(','), ...options]);
  // What the records themselves say is no complaint.
  const complaints = `${stdout}\n${stderr}`
    .split('\n')
    .filter(line => !line.startsWith('|') && COMPLAINTS.test(line));
  assert.deepEqual([code, complaints], [0, []], files.join(' '));
  return stdout;
}

/** Every offset up to the last is there once. */
function nextOffsetIn(name: string, text: string): number {
  const offsets = Array.from(text.matchAll(/^\| offset: (\d+) /gm), match => Number(match[1]));
  assert.ok(offsets.length > 0, `${name} has records`);
  const first = offsets[0]!;
  assert.deepEqual(
    offsets,
    offsets.map((_, index) => first + index),
    `the offsets of ${name}`,
  );
  return first + offsets.length;
}
