/* The tools that measure, and those that count for themselves; these go on while the node is killed. */
import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { consume } from './consoles.ts';
import { parseTable, RunningTool, run } from './tools.ts';
import { makeTopic } from './topics.ts';

const perf: Case = async scenario => {
  const topic = await makeTopic(scenario, 3);
  const address = ['--bootstrap-server', scenario.bootstrap];
  const size = ['--num-records', '20000', '--record-size', '500', '--throughput', '-1'];
  const produced = await run('producer-perf-test', [...address, '--topic', topic, ...size]);
  assert.match(produced, /^20000 records sent, [\d.]+ records\/sec .* 99\.9th\.$/m);
  const consumed = await run('consumer-perf-test', [
    ...address,
    '--topic',
    topic,
    '--num-records',
    '20000',
    '--timeout',
    '20000',
  ]);
  assert.equal(consumed.trim().split('\n').at(-1)!.split(', ')[4], '20000', 'records consumed');
  const latency = ['--num-records', '200', '--producer-acks', 'all', '--record-size', '100'];
  const measured = await run('e2e-latency', [
    ...address,
    '--topic',
    await makeTopic(scenario, 1, 'latency'),
    ...latency,
  ]);
  assert.match(measured, /^Percentiles: 50th = \d+, 99th = \d+, 99\.9th = \d+$/m);
};

interface Event {
  readonly name: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
  readonly success?: boolean;
  readonly count?: number;
  readonly partitions: readonly { partition: number; minOffset: number; maxOffset: number }[];
}

const events = (tool: RunningTool, name: string) =>
  tool.lines.filter(line => line.includes(`"${name}"`)).map(line => JSON.parse(line) as Event);

/** Keys by which each of three partitions gets records. */
const KEYS = ['--repeating-keys', '12'];

const startProducer = ({ bootstrap }: Scenario, topic: string, ...args: string[]) =>
  new RunningTool('verifiable-producer', [
    '--bootstrap-server',
    bootstrap,
    '--topic',
    topic,
    '--acks',
    '-1',
    ...KEYS,
    ...args,
  ]);

const startConsumer = ({ bootstrap }: Scenario, topic: string, group: string) => {
  const settings = [
    '--group-protocol',
    'classic',
    '--session-timeout',
    '10000',
    '--reset-policy',
    'earliest',
    '--verbose',
  ];
  return new RunningTool('verifiable-consumer', [
    '--bootstrap-server',
    bootstrap,
    '--topic',
    topic,
    '--group-id',
    group,
    ...settings,
  ]);
};

const committed = (tool: RunningTool) =>
  events(tool, 'offsets_committed').filter(({ success }) => success === true).length;

/** All that is in the topic's partitions is committed, as kafka-consumer-groups says. */
async function hasNoLag(scenario: Scenario, group: string): Promise<boolean> {
  const text = await run('consumer-groups', [
    '--bootstrap-server',
    scenario.bootstrap,
    '--describe',
    '--group',
    group,
  ]);
  const rows = parseTable(text).filter(row => row['GROUP'] === group);
  return rows.length > 0 && rows.every(row => row['LAG'] === '0' || row['LOG-END-OFFSET'] === '0');
}

const verifiable: Case = async scenario => {
  const topic = await makeTopic(scenario, 3);
  const group = scenario.name('group');
  const producer = startProducer(scenario, topic, '--max-messages', '2000', '--throughput', '-1');
  const consumer = startConsumer(scenario, topic, group);
  await producer.ended();
  assert.equal(events(producer, 'producer_send_success').length, 2000);
  await consumer.waitFor('2000 records are consumed', () => events(consumer, 'record_data').length >= 2000);
  await until('the lag is gone', () => hasNoLag(scenario, group));
  await consumer.interrupt();
  const seen = new Set(
    events(consumer, 'record_data').map(({ partition, offset }) => `${partition}:${offset}`),
  );
  assert.equal(seen.size, 2000);
  assert.ok(consumer.lines.some(line => line.includes('shutdown_complete')));
};

const ENOUGH = 500;

/** The node dies under a producer and two consumers: what was acknowledged is where it was said to be, and is consumed. */
const kill: Case = async scenario => {
  const topic = await makeTopic(scenario, 3);
  const group = scenario.name('group');
  const producer = startProducer(scenario, topic, '--throughput', '400');
  const consumers = [startConsumer(scenario, topic, group), startConsumer(scenario, topic, group)];
  const acked = () => events(producer, 'producer_send_success');
  const consumed = () => consumers.flatMap(each => events(each, 'record_data'));
  const commits = () => consumers.reduce((sum, each) => sum + committed(each), 0);
  await producer.waitFor(
    'records flow',
    () => acked().length >= ENOUGH && consumed().length >= ENOUGH && commits() > 0,
    60_000,
  );
  await scenario.restartNode();
  const [before, commitsBefore] = [Math.max(acked().length, consumed().length) + ENOUGH, commits()];
  const flow = () => acked().length >= before && consumed().length >= before && commits() > commitsBefore;
  await producer.waitFor('records flow again after the restart', flow, 60_000);
  await producer.interrupt();

  await until('the lag is gone', () => hasNoLag(scenario, group), {
    timeoutMs: 60_000,
  });
  for (const each of consumers) await each.interrupt();
  const printed = await consume(
    scenario,
    topic,
    await endOf(scenario, topic),
    ...[
      '--from-beginning',
      '--formatter-property',
      'print.partition=true',
      '--formatter-property',
      'print.offset=true',
    ],
  );
  const stored = new Map(
    printed
      .map(line => /^Partition:(\d)\tOffset:(\d+)\t(.*)$/.exec(line)!)
      .map(([, p, o, value]) => [`${p}:${o}`, value]),
  );
  for (const { partition, offset, value } of acked()) {
    assert.equal(stored.get(`${partition}:${offset}`), value, `offset ${offset} of partition ${partition}`);
  }
  const seen = new Set(consumed().map(({ partition, offset }) => `${partition}:${offset}`));
  assert.deepEqual(
    [...stored.keys()].filter(where => !seen.has(where)),
    [],
    'what the group has not consumed',
  );
};

async function endOf(scenario: Scenario, topic: string): Promise<number> {
  const text = await run('get-offsets', ['--bootstrap-server', scenario.bootstrap, '--topic', topic]);
  return text
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(':').at(-1)), 0);
}

export const loadCases: Record<string, Case> = {
  'perf-tools': perf,
  'verifiable-tools': verifiable,
  'kill-9': kill,
};
