import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { consume, KEYED, KEYS, produce } from './consoles.ts';
import { attempt, parseTable, RunningTool, run } from './tools.ts';
import { makeTopic } from './topics.ts';

const consumerGroups = ({ bootstrap }: Scenario, ...args: string[]) =>
  run('consumer-groups', ['--bootstrap-server', bootstrap, ...args]);

/** A topic of two partitions with ten records in each, and a group that has consumed some of them and stopped. */
async function makeGroup(scenario: Scenario): Promise<{ topic: string; group: string }> {
  const topic = await makeTopic(scenario, 2);
  const group = scenario.name('group');
  for (const [partition, key] of KEYS.entries()) {
    const lines = Array.from({ length: 10 }, (_, index) => `${key}|${partition}-${index}`);
    await produce(scenario, topic, lines, ...KEYED);
  }
  await consume(scenario, topic, 20, '--group', group, '--from-beginning');
  return { topic, group };
}

/** By partition: the group's offset, the log's end and the lag, as --describe says. */
async function offsetsOf(scenario: Scenario, group: string): Promise<Record<string, string>> {
  const rows = parseTable(await consumerGroups(scenario, '--describe', '--group', group));
  const line = (row: Record<string, string>) =>
    [row['CURRENT-OFFSET'], row['LOG-END-OFFSET'], row['LAG']].join(' ');
  return Object.fromEntries(
    rows.filter(row => row['GROUP'] === group).map(row => [row['PARTITION'], line(row)]),
  );
}

const describeRunning: Case = async scenario => {
  const topic = await makeTopic(scenario, 2);
  const group = scenario.name('group');
  await produce(
    scenario,
    topic,
    KEYS.map(key => `${key}|value`),
    ...KEYED,
  );
  const settings = [
    '--bootstrap-server',
    scenario.bootstrap,
    '--topic',
    topic,
    '--group-id',
    group,
    '--group-instance-id',
    'only',
  ];
  const member = new RunningTool('verifiable-consumer', [
    ...settings,
    '--group-protocol',
    'classic',
    '--session-timeout',
    '10000',
    '--reset-policy',
    'earliest',
  ]);
  await member.waitFor('offsets are committed', lines =>
    lines.some(line => line.includes('offsets_committed')),
  );

  const [state] = parseTable(await consumerGroups(scenario, '--describe', '--group', group, '--state'));
  assert.deepEqual(
    [state!['STATE'] ?? state!['ASSIGNMENT-STRATEGY'], JSON.stringify(state).includes('Stable')],
    [state!['STATE'], true],
  );
  const members = await consumerGroups(scenario, '--describe', '--group', group, '--members', '--verbose');
  assert.match(members, /\bonly\b/);
  assert.match(members, new RegExp(`${topic}[:(]\\s*0,\\s*1`));
  const rows = parseTable(await consumerGroups(scenario, '--describe', '--group', group, '--offsets'));
  const ours = rows.filter(row => row['TOPIC'] === topic);
  assert.equal(ours.length, 2);
  assert.deepEqual(
    ours.map(row => row['LAG']),
    ['0', '0'],
  );
  const listed = await consumerGroups(scenario, '--list', '--state', 'Stable');
  assert.ok(listed.includes(group), 'the group is listed as stable');
  const busy = await attempt('consumer-groups', [
    '--bootstrap-server',
    scenario.bootstrap,
    '--delete',
    '--group',
    group,
  ]);
  assert.match(busy.stdout + busy.stderr, /GroupNotEmptyException/);
  await member.interrupt();
};

const resetOffsets: Case = async scenario => {
  const { topic, group } = await makeGroup(scenario);
  const reset = (...args: string[]) => consumerGroups(scenario, '--group', group, '--reset-offsets', ...args);
  assert.deepEqual(await offsetsOf(scenario, group), { '0': '10 10 0', '1': '10 10 0' });
  // A dry run is the default.
  const dry = parseTable(await reset('--topic', topic, '--to-earliest', '--dry-run'));
  assert.deepEqual(
    dry.map(row => row['NEW-OFFSET']),
    ['0', '0'],
  );
  assert.deepEqual(await offsetsOf(scenario, group), { '0': '10 10 0', '1': '10 10 0' });

  for (const [args, expected] of [
    [['--topic', topic, '--to-earliest'], { '0': '0 10 10', '1': '0 10 10' }],
    [['--topic', `${topic}:0`, '--to-offset', '4'], { '0': '4 10 6', '1': '0 10 10' }],
    [['--all-topics', '--shift-by', '2'], { '0': '6 10 4', '1': '2 10 8' }],
    [['--all-topics', '--shift-by', '-1'], { '0': '5 10 5', '1': '1 10 9' }],
    [['--all-topics', '--to-current'], { '0': '5 10 5', '1': '1 10 9' }],
    [['--all-topics', '--to-latest'], { '0': '10 10 0', '1': '10 10 0' }],
    [['--all-topics', '--to-datetime', '2020-01-01T00:00:00.000'], { '0': '0 10 10', '1': '0 10 10' }],
    [['--all-topics', '--by-duration', 'PT0S'], { '0': '10 10 0', '1': '10 10 0' }],
  ] as const) {
    await reset(...args, '--execute');
    assert.deepEqual(await offsetsOf(scenario, group), expected, args.join(' '));
  }
  await reset('--topic', topic, '--to-offset', '7', '--execute');
  const rest = await consume(scenario, topic, 6, '--group', group);
  assert.deepEqual(rest.sort(), ['0-7', '0-8', '0-9', '1-7', '1-8', '1-9']);
};

const deleteGroups: Case = async scenario => {
  const { topic, group } = await makeGroup(scenario);
  const deleted = await consumerGroups(
    scenario,
    '--delete-offsets',
    '--group',
    group,
    '--topic',
    `${topic}:0`,
  );
  assert.match(deleted, /Successful/);
  assert.deepEqual(await offsetsOf(scenario, group), { '1': '10 10 0' });
  assert.match(await consumerGroups(scenario, '--delete', '--group', group), /was successful/);
  const again = await attempt('consumer-groups', [
    '--bootstrap-server',
    scenario.bootstrap,
    '--delete',
    '--group',
    group,
  ]);
  assert.match(again.stdout + again.stderr, /GroupIdNotFoundException/);
  await until(
    'the group is not listed',
    async () => !(await consumerGroups(scenario, '--list')).includes(group),
  );
};

const listGroups: Case = async scenario => {
  const { group } = await makeGroup(scenario);
  const list = (...args: string[]) =>
    run('groups', ['--bootstrap-server', scenario.bootstrap, '--list', ...args]);
  const rows = parseTable(await list());
  assert.deepEqual(
    rows.find(row => row['GROUP'] === group),
    { GROUP: group, TYPE: 'Classic', PROTOCOL: 'consumer' },
  );
  assert.ok((await list('--consumer')).includes(group));
  assert.ok(!(await list('--share')).includes(group));
};

export const groupCases: Record<string, Case> = {
  'consumer-groups-describe': describeRunning,
  'consumer-groups-reset': resetOffsets,
  'consumer-groups-delete': deleteGroups,
  'groups-list': listGroups,
};
