import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, Scenario } from '../support/program.ts';
import { consume, KEYED, KEYS, produce } from './consoles.ts';
import { attempt, run } from './tools.ts';
import { makeTopic } from './topics.ts';

const getOffsets = async ({ bootstrap }: Scenario, ...args: string[]) =>
  (await run('get-offsets', ['--bootstrap-server', bootstrap, ...args]))
    .split('\n')
    .filter(line => line !== '');

/** A topic of two partitions, with ten records in the second. */
async function makeFilledTopic(scenario: Scenario): Promise<string> {
  const topic = await makeTopic(scenario, 2);
  const lines = Array.from({ length: 10 }, (_, index) => `${KEYS[1]}|line ${index}`);
  await produce(scenario, topic, lines, ...KEYED);
  return topic;
}

const offsets: Case = async scenario => {
  const topic = await makeFilledTopic(scenario);
  const at = (time: string) => getOffsets(scenario, '--topic', topic, '--time', time);
  const ends = [`${topic}:0:0`, `${topic}:1:10`];
  const begins = [`${topic}:0:0`, `${topic}:1:0`];
  assert.deepEqual(await getOffsets(scenario, '--topic', topic), ends);
  for (const latest of ['-1', 'latest']) assert.deepEqual(await at(latest), ends, latest);
  for (const earliest of ['-2', 'earliest', '-4', 'earliest-local'])
    assert.deepEqual(await at(earliest), begins, earliest);
  // Of an empty partition there is no greatest timestamp.
  for (const greatest of ['-3', 'max-timestamp']) {
    const [line, ...more] = await at(greatest);
    assert.match(line!, new RegExp(`^${topic}:1:\\d$`));
    assert.deepEqual(more, []);
  }
  assert.deepEqual(await at('1000000000000'), [`${topic}:1:0`], 'a time before all records');
  assert.deepEqual(await at(String(Date.now() + 86_400_000)), [], 'a time after all records');
  for (const tiered of ['-5', 'latest-tiered']) assert.deepEqual(await at(tiered), [], tiered);
  assert.deepEqual(await getOffsets(scenario, '--topic-partitions', `${topic}:1`), [`${topic}:1:10`]);
  assert.deepEqual(await getOffsets(scenario, '--topic', topic, '--partitions', '0'), [`${topic}:0:0`]);
  assert.ok((await getOffsets(scenario, '--exclude-internal-topics')).includes(`${topic}:1:10`));
};

const deleteRecords: Case = async scenario => {
  const topic = await makeFilledTopic(scenario);
  const folder = mkdtempSync(join(tmpdir(), 'odradek-delete-records-'));
  const deleteBefore = async (offset: number) => {
    const file = join(folder, 'offsets.json');
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 1, offset }] }));
    const { stdout, stderr } = await attempt('delete-records', [
      ...['--bootstrap-server', scenario.bootstrap],
      ...['--offset-json-file', file],
    ]);
    return stdout + stderr;
  };
  try {
    assert.match(await deleteBefore(6), new RegExp(`${topic}-1\\s+low_watermark: 6`));
    assert.deepEqual(await getOffsets(scenario, '--topic', topic, '--time', 'earliest'), [
      `${topic}:0:0`,
      `${topic}:1:6`,
    ]);
    assert.deepEqual(await consume(scenario, topic, 4, '--from-beginning'), [
      'line 6',
      'line 7',
      'line 8',
      'line 9',
    ]);
    assert.match(await deleteBefore(11), /OffsetOutOfRangeException/);
    assert.match(await deleteBefore(-1), /low_watermark: 10/);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const logDirs: Case = async scenario => {
  const topic = await makeFilledTopic(scenario);
  const text = await run('log-dirs', [
    '--bootstrap-server',
    scenario.bootstrap,
    '--describe',
    '--topic-list',
    topic,
  ]);
  const report = JSON.parse(text.split('\n').find(line => line.startsWith('{'))!) as {
    brokers: { broker: number; logDirs: { error: string | null; logDir: string; partitions: object[] }[] }[];
  };
  assert.deepEqual(
    report.brokers.map(({ broker }) => broker),
    [1],
  );
  const [directory, ...others] = report.brokers[0]!.logDirs;
  assert.deepEqual([directory!.error, others.length], [null, 0]);
  assert.ok(directory!.logDir.startsWith('/'), 'the directory is an absolute path');
  const partitions = directory!.partitions as {
    partition: string;
    size: number;
    offsetLag: number;
    isFuture: boolean;
  }[];
  const sorted = partitions.sort((a, b) => a.partition.localeCompare(b.partition));
  assert.deepEqual(
    sorted.map(({ partition, offsetLag, isFuture }) => ({ partition, offsetLag, isFuture })),
    [0, 1].map(index => ({ partition: `${topic}-${index}`, offsetLag: 0, isFuture: false })),
  );
  assert.equal(sorted[0]!.size, 0);
  assert.ok(sorted[1]!.size > 100, 'the second partition has bytes');
};

export const recordCases: Record<string, Case> = {
  'get-offsets': offsets,
  'delete-records': deleteRecords,
  'log-dirs': logDirs,
};
