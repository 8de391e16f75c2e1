import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { fails, run } from './tools.ts';

/** kafka-topics with the node's address. */
export const topics = ({ bootstrap }: Scenario, ...args: string[]) =>
  run('topics', ['--bootstrap-server', bootstrap, ...args]);

/** Creates the topic of the case, which keeps records whatever their timestamps say, and waits for its leaders. */
export async function makeTopic(scenario: Scenario, partitions: number, suffix = 'topic'): Promise<string> {
  const topic = scenario.name(suffix);
  await topics(
    scenario,
    '--create',
    '--topic',
    topic,
    '--partitions',
    String(partitions),
    '--config',
    'retention.ms=-1',
  );
  await describedWith(scenario, topic, partitions);
  return topic;
}

/** The lines of --describe, one a partition, once they are as many as wanted and all have a leader. */
async function describedWith(scenario: Scenario, topic: string, partitions: number): Promise<string[]> {
  let lines: string[] = [];
  await until(`${partitions} partitions with leaders`, async () => {
    const text = await topics(scenario, '--describe', '--topic', topic);
    lines = text.split('\n').filter(line => /\tPartition: \d+\tLeader: \d+/.test(line));
    return lines.length === partitions;
  });
  return lines;
}

const createListDescribe: Case = async scenario => {
  const topic = scenario.name('topic');
  const configs = ['--config', 'cleanup.policy=compact', '--config', 'segment.bytes=2097152'];
  const created = await topics(
    scenario,
    '--create',
    '--topic',
    topic,
    '--partitions',
    '3',
    '--replication-factor',
    '1',
    ...configs,
  );
  assert.match(created, new RegExp(`Created topic ${topic}\\.`));
  await topics(scenario, '--create', '--if-not-exists', '--topic', topic, '--partitions', '3');
  const listed = (await topics(scenario, '--list')).split('\n');
  assert.ok(listed.includes(topic), 'the topic is listed');

  const lines = await describedWith(scenario, topic, 3);
  const described = lines.map(line => line.trim().split('\t').slice(1, 5).join(' '));
  assert.deepEqual(
    described.sort(),
    [0, 1, 2].map(index => `Partition: ${index} Leader: 1 Replicas: 1 Isr: 1`),
  );
  const head = (await topics(scenario, '--describe', '--topic', topic)).split('\n')[0]!;
  assert.match(head, /\tTopicId: [\w-]{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: /);
  assert.match(head, /cleanup\.policy=compact/);
  assert.match(head, /segment\.bytes=2097152/);
  const overridden = await topics(scenario, '--describe', '--topics-with-overrides');
  assert.ok(overridden.includes(topic), 'the topic has overrides');
  for (const filter of [
    '--unavailable-partitions',
    '--under-replicated-partitions',
    '--under-min-isr-partitions',
  ]) {
    assert.ok(!(await topics(scenario, '--describe', filter)).includes(topic), filter);
  }
};

const alterAndDelete: Case = async scenario => {
  const topic = await makeTopic(scenario, 2);
  await topics(scenario, '--alter', '--topic', topic, '--partitions', '4');
  await describedWith(scenario, topic, 4);
  const address = ['--bootstrap-server', scenario.bootstrap];
  await fails(
    'topics',
    [...address, '--alter', '--topic', topic, '--partitions', '3'],
    /would not be an increase|partitions/i,
  );
  await topics(scenario, '--delete', '--topic', topic);
  await until(
    'the topic is gone',
    async () => !(await topics(scenario, '--list')).split('\n').includes(topic),
  );
  await fails('topics', [...address, '--describe', '--topic', topic], /does not exist/);
  await topics(scenario, '--delete', '--if-exists', '--topic', topic);
};

const refusals: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const create = ['--bootstrap-server', scenario.bootstrap, '--create', '--topic'];
  const fresh = scenario.name('fresh');
  await fails('topics', [...create, topic], /already exists/);
  await fails('topics', [...create, 'bad/name'], /bad\/name/);
  await fails('topics', [...create, fresh, '--replication-factor', '100'], /replica/i);
  await fails('topics', [...create, fresh, '--config', 'no.such.config=1'], /no\.such\.config/);
  await fails('topics', [...create, fresh, '--config', 'segment.bytes=small'], /segment\.bytes|small/);
};

export const topicCases: Record<string, Case> = {
  'topics-create-describe': createListDescribe,
  'topics-alter-delete': alterAndDelete,
  'topics-refusals': refusals,
};
