import assert from 'node:assert/strict';
import {
  type Admin,
  ConfigResourceTypes,
  ConfigSources,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka';
import type { Case } from '../support/program.ts';
import { makeRows } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import {
  createTopic,
  leadersAnswer,
  readAll,
  refused,
  toMessage,
  withAdmin,
  withConsumer,
  withProducer,
} from './client.ts';

async function config(admin: Admin, resourceType: 2 | 4, resourceName: string, name: string) {
  const [described] = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ resourceType, resourceName, configurationKeys: [name] }],
  });
  assert.deepEqual(
    described!.configs.map(entry => entry.name),
    [name],
  );
  const { value, configSource, readOnly } = described!.configs[0]!;
  return { value, configSource, readOnly };
}

const topicConfig = (admin: Admin, topic: string, name: string) =>
  config(admin, ConfigResourceTypes.TOPIC, topic, name);

/** A change may be acknowledged a moment before it is seen. */
async function becomes(
  admin: Admin,
  topic: string,
  name: string,
  value: string,
  source: number,
): Promise<void> {
  let seen = await topicConfig(admin, topic, name);
  await until(
    `${name} is ${value}`,
    async () => {
      seen = await topicConfig(admin, topic, name);
      return seen.value === value && seen.configSource === source;
    },
    { detail: () => JSON.stringify(seen) },
  );
}

const createAndDescribe: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    const [created] = await admin.createTopics({
      topics: [topic],
      partitions: 5,
      replicas: 1,
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'segment.bytes', value: '2097152' },
      ],
    });
    assert.deepEqual([created!.partitions, created!.replicas], [5, 1]);
    assert.equal(created!.configuration['segment.bytes'], '2097152');
    await until('the topic is listed', async () => (await admin.listTopics()).includes(topic));
    const { brokers, controllerId, topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
    assert.deepEqual([...brokers.keys()], [controllerId]);
    assert.equal(topics.get(topic)!.id, created!.id);
    assert.deepEqual(
      topics.get(topic)!.partitions.map(({ leader, replicas, isr }) => ({ leader, replicas, isr })),
      Array(5).fill({ leader: controllerId, replicas: [controllerId], isr: [controllerId] }),
    );
    await becomes(admin, topic, 'cleanup.policy', 'compact', ConfigSources.TOPIC_CONFIG);
  });

const configs: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 1);
    const alter = (configOperation: 0 | 1 | 2 | 3, name: string, value: string) =>
      admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: ConfigResourceTypes.TOPIC,
            resourceName: topic,
            configs: [{ name, configOperation, value }],
          },
        ],
      });
    const { SET, DELETE, APPEND } = IncrementalAlterConfigOperationTypes;
    await alter(SET, 'max.message.bytes', '20000');
    const { TOPIC_CONFIG: set, DEFAULT_CONFIG: standard } = ConfigSources;
    await becomes(admin, topic, 'max.message.bytes', '20000', set);
    await becomes(admin, topic, 'retention.ms', '-1', set);
    await alter(APPEND, 'cleanup.policy', 'compact');
    await becomes(admin, topic, 'cleanup.policy', 'delete,compact', set);
    await alter(DELETE, 'max.message.bytes', '');
    await becomes(admin, topic, 'max.message.bytes', '1048588', standard);
    await refused('INVALID_CONFIG', 'an unknown config', alter(SET, 'no.such.config', '1'));
    await refused('INVALID_CONFIG', 'a bad value', alter(SET, 'segment.bytes', 'small'));

    // The older request replaces all: what is left out is back at its default.
    await admin.alterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configs: [{ name: 'max.message.bytes', value: '30000' }],
        },
      ],
    });
    await becomes(admin, topic, 'retention.ms', '604800000', standard);
    const { controllerId } = await admin.metadata({ topics: [] });
    const nodeId = await config(admin, ConfigResourceTypes.BROKER, String(controllerId), 'node.id');
    assert.deepEqual([nodeId.value, nodeId.readOnly], [String(controllerId), true]);
  });

const addPartitions: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 2);
    const grow = (count: number) => admin.createPartitions({ topics: [{ name: topic, count }] });
    await grow(5);
    await leadersAnswer(scenario, topic, 5);
    await refused('INVALID_PARTITIONS', 'fewer partitions', grow(3));
    await withProducer(scenario, { acks: -1 }, producer =>
      producer.send({ messages: makeRows(10, 5).map(row => toMessage(topic, row)) }),
    );
    assert.equal((await readAll(scenario, topic, 10)).length, 10);
  });

const deleteRecords: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 2);
    await withProducer(scenario, { acks: -1 }, producer =>
      producer.send({ messages: makeRows(40, 2).map(row => toMessage(topic, row)) }),
    );
    const remove = (partitions: { partition: number; offset: bigint }[]) =>
      admin.deleteRecords({ topics: [{ name: topic, partitions }] });
    const [deleted] = await remove([
      { partition: 0, offset: 7n },
      { partition: 1, offset: -1n },
    ]);
    const marks = deleted!.partitions.sort((a, b) => a.partition - b.partition);
    assert.deepEqual(
      marks.map(({ lowWatermark }) => lowWatermark),
      [7n, 20n],
    );
    const begins = await withConsumer(scenario, consumer =>
      consumer.listOffsets({ topics: [topic], timestamp: -2n }),
    );
    assert.deepEqual(begins.get(topic), [7n, 20n]);
    const rows = await readAll(scenario, topic, 13);
    assert.deepEqual([rows.length, rows[0]!.partition, rows[0]!.offset], [13, 0, 7n]);
    await refused('OFFSET_OUT_OF_RANGE', 'beyond the end', remove([{ partition: 0, offset: 21n }]));
  });

const deleteTopic: Case = async scenario => {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 3);
  await withProducer(scenario, { acks: -1 }, producer =>
    producer.send({ messages: makeRows(30, 3).map(row => toMessage(topic, row)) }),
  );
  await withAdmin(scenario, async admin => {
    await admin.deleteTopics({ topics: [topic] });
    await until('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
    await refused('UNKNOWN_TOPIC_OR_PARTITION', 'once more', admin.deleteTopics({ topics: [topic] }));
  });
  // The name can be used again, and nothing of the old records is left.
  await createTopic(scenario, topic, 1);
  const ends = await withConsumer(scenario, consumer => consumer.listOffsets({ topics: [topic] }));
  assert.deepEqual(ends.get(topic), [0n]);
};

export const adminCases: Record<string, Case> = {
  'create-topic': createAndDescribe,
  configs,
  'add-partitions': addPartitions,
  'delete-records': deleteRecords,
  'delete-topic': deleteTopic,
};
