import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { fails, run } from './tools.ts';
import { makeTopic } from './topics.ts';

/** Sends lines to the topic by kafka-console-producer. */
export async function produce(
  scenario: Scenario,
  topic: string,
  lines: readonly string[],
  ...args: string[]
): Promise<void> {
  const address = ['--bootstrap-server', scenario.bootstrap, '--topic', topic];
  await run('console-producer', [...address, ...args], `${lines.join('\n')}\n`);
}

/** The console's producer chooses a partition by the key alone: of two, these keys choose the first and the second. */
export const KEYS = ['a', 'd'] as const;
/** Lines have a key before a bar. */
export const KEYED = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=|'];

/** What kafka-console-consumer prints of so many records. */
export async function consume(
  scenario: Scenario,
  topic: string,
  count: number,
  ...args: string[]
): Promise<string[]> {
  const address = ['--bootstrap-server', scenario.bootstrap, '--topic', topic];
  const text = await run('console-consumer', [
    ...address,
    '--max-messages',
    String(count),
    '--timeout-ms',
    '20000',
    ...args,
  ]);
  return text.split('\n').filter(line => line !== '');
}

const property = (...settings: string[]) => settings.flatMap(setting => ['--formatter-property', setting]);

const keysAndHeaders: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const reader = [
    'parse.headers=true',
    'parse.key=true',
    'headers.delimiter=|',
    'key.separator=:',
    'null.marker=NULL',
  ];
  const lines = ['a:1,b:2|first:one', 'a:1|second:two', 'c:3|third:NULL', 'd:4|fourth:'];
  await produce(scenario, topic, lines, ...reader.flatMap(each => ['--reader-property', each]));
  const printed = await consume(
    scenario,
    topic,
    4,
    '--from-beginning',
    ...property(
      'print.key=true',
      'print.headers=true',
      'print.partition=true',
      'print.offset=true',
      'null.literal=NULL',
    ),
  );
  assert.deepEqual(printed, [
    'Partition:0\tOffset:0\ta:1,b:2\tfirst\tone',
    'Partition:0\tOffset:1\ta:1\tsecond\ttwo',
    'Partition:0\tOffset:2\tc:3\tthird\tNULL',
    'Partition:0\tOffset:3\td:4\tfourth\t',
  ]);
  const [timed] = await consume(
    scenario,
    topic,
    1,
    '--partition',
    '0',
    '--offset',
    '2',
    ...property('print.timestamp=true'),
  );
  assert.match(timed!, /^CreateTime:\d{13}\tnull$/);
  const latest = await consume(
    scenario,
    topic,
    1,
    '--partition',
    '0',
    '--offset',
    'earliest',
    ...property('print.value=false', 'print.key=true'),
  );
  assert.deepEqual(latest, ['first']);
};

const codecs: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  const expected: string[] = [];
  for (const name of names) {
    const lines = Array.from({ length: 50 }, (_, index) =>
      `${name} ${index} ${'text '.repeat(index % 20)}`.trim(),
    );
    await produce(scenario, topic, lines, '--compression-codec', name, '--batch-size', '4000');
    expected.push(...lines);
  }
  assert.deepEqual(await consume(scenario, topic, expected.length, '--from-beginning'), expected);
};

/** A group goes on where it was; without one the consumer begins at the end. */
const groups: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const group = ['--group', scenario.name('group')];
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  await produce(scenario, topic, lines);
  assert.deepEqual(await consume(scenario, topic, 5, '--from-beginning', ...group), lines.slice(0, 5));
  assert.deepEqual(await consume(scenario, topic, 7, ...group), lines.slice(5, 12));
  assert.deepEqual(
    await consume(scenario, topic, 8, ...group, '--isolation-level', 'read_committed'),
    lines.slice(12),
  );
};

const refusals: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const missing = ['--bootstrap-server', scenario.bootstrap, '--topic', scenario.name('missing')];
  // Its errors go to the log; that nothing came is what shows.
  const printed = await run('console-consumer', [...missing, '--from-beginning', '--timeout-ms', '1000']);
  assert.equal(printed, '');
  await fails(
    'console-consumer',
    ['--bootstrap-server', scenario.bootstrap, '--topic', topic, '--partition', 'x'],
    /partition/i,
  );
};

export const consoleCases: Record<string, Case> = {
  'console-keys-and-headers': keysAndHeaders,
  'console-codecs': codecs,
  'console-groups': groups,
  'console-refusals': refusals,
};
