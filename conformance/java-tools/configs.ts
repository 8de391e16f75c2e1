import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { fails, run } from './tools.ts';
import { makeTopic } from './topics.ts';

const address = ({ bootstrap }: Scenario) => ['--bootstrap-server', bootstrap];

/** What --describe prints: by name the value and its source; with --all also those that nobody set. */
async function describe(
  scenario: Scenario,
  entity: readonly string[],
  ...more: string[]
): Promise<Map<string, string>> {
  const text = await run('configs', [...address(scenario), ...entity, '--describe', ...more]);
  const lines = text
    .split('\n')
    .map(line => /^ {2}([\w.-]+)=(.*) sensitive=\w+ synonyms=\{(\w+)?/.exec(line));
  return new Map(
    lines
      .filter(each => each !== null)
      .map(([, name, value, source]) => [name!, `${value} ${source ?? ''}`.trim()]),
  );
}

const alter = (scenario: Scenario, entity: readonly string[], ...args: string[]) =>
  run('configs', [...address(scenario), ...entity, '--alter', ...args]);

/** A change may be acknowledged a moment before it is seen. */
async function becomes(
  scenario: Scenario,
  entity: readonly string[],
  expected: Record<string, string>,
): Promise<void> {
  let seen: unknown;
  await until(
    `the configs are ${JSON.stringify(expected)}`,
    async () => {
      const all = await describe(scenario, entity);
      seen = Object.fromEntries(all);
      return Object.entries(expected).every(([name, value]) => (all.get(name) ?? '') === value);
    },
    { detail: () => JSON.stringify(seen) },
  );
}

const ofTopics: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const entity = ['--entity-type', 'topics', '--entity-name', topic];
  const all = await describe(scenario, entity, '--all');
  assert.equal(all.get('retention.ms'), '-1 DYNAMIC_TOPIC_CONFIG');
  assert.equal(all.get('segment.bytes'), '1073741824 DEFAULT_CONFIG');
  for (const name of ['cleanup.policy', 'compression.type', 'max.message.bytes', 'min.insync.replicas']) {
    assert.ok(all.has(name), `${name} is described`);
  }
  await alter(scenario, entity, '--add-config', 'max.message.bytes=20000,cleanup.policy=[compact,delete]');
  const set = 'DYNAMIC_TOPIC_CONFIG';
  await becomes(scenario, entity, {
    'max.message.bytes': `20000 ${set}`,
    'cleanup.policy': `compact,delete ${set}`,
    'retention.ms': `-1 ${set}`,
  });
  await alter(scenario, entity, '--delete-config', 'max.message.bytes,cleanup.policy');
  await becomes(scenario, entity, { 'max.message.bytes': '', 'cleanup.policy': '' });
  const command = [...address(scenario), ...entity, '--alter', '--add-config'];
  await fails('configs', [...command, 'no.such.config=1'], /no\.such\.config/);
  await fails('configs', [...command, 'segment.bytes=small'], /segment\.bytes/);
};

const ofBrokers: Case = async scenario => {
  const one = ['--entity-type', 'brokers', '--entity-name', '1'];
  const all = ['--entity-type', 'brokers', '--entity-default'];
  assert.equal((await describe(scenario, one, '--all')).get('node.id'), '1 STATIC_BROKER_CONFIG');
  await alter(scenario, one, '--add-config', 'log.retention.ms=86400000');
  await becomes(scenario, one, { 'log.retention.ms': '86400000 DYNAMIC_BROKER_CONFIG' });
  await alter(scenario, all, '--add-config', 'log.segment.bytes=100000000');
  await becomes(scenario, all, { 'log.segment.bytes': '100000000 DYNAMIC_DEFAULT_BROKER_CONFIG' });
  // The topics' default follows.
  const topic = await makeTopic(scenario, 1);
  const described = await describe(scenario, ['--topic', topic], '--all');
  assert.equal(described.get('segment.bytes'), '100000000 DYNAMIC_DEFAULT_BROKER_CONFIG');
  await alter(scenario, one, '--delete-config', 'log.retention.ms');
  await alter(scenario, all, '--delete-config', 'log.segment.bytes');
  await becomes(scenario, one, { 'log.retention.ms': '' });
  await becomes(scenario, all, { 'log.segment.bytes': '' });
  await fails('configs', [...address(scenario), ...one, '--alter', '--add-config', 'node.id=7'], /node\.id/);
};

const ofGroups: Case = async scenario => {
  const entity = ['--entity-type', 'groups', '--entity-name', scenario.name('group')];
  await alter(scenario, entity, '--add-config', 'consumer.session.timeout.ms=50000');
  await becomes(scenario, entity, { 'consumer.session.timeout.ms': '50000 DYNAMIC_GROUP_CONFIG' });
  await alter(scenario, entity, '--delete-config', 'consumer.session.timeout.ms');
  await becomes(scenario, entity, { 'consumer.session.timeout.ms': '' });
  const command = [...address(scenario), ...entity, '--alter', '--add-config'];
  await fails('configs', [...command, 'consumer.session.timeout.ms=1'], /consumer\.session\.timeout\.ms/);
  await fails('configs', [...command, 'no.such.config=1'], /no\.such\.config/);
};

export const configCases: Record<string, Case> = {
  'configs-topics': ofTopics,
  'configs-brokers': ofBrokers,
  'configs-groups': ofGroups,
};
