import assert from 'node:assert/strict';
import kafkajs, { type Admin } from 'kafkajs';
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
  withProducer,
} from './client.ts';

const { ConfigResourceTypes, ConfigSource } = kafkajs;

async function topicConfig(admin: Admin, topic: string, name: string) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
  });
  assert.deepEqual(
    resources[0]!.configEntries.map(entry => entry.configName),
    [name],
  );
  const { configValue, configSource, isSensitive, readOnly } = resources[0]!.configEntries[0]!;
  return { configValue, configSource, isSensitive, readOnly };
}

/** A change may be acknowledged a moment before it is seen. */
async function becomes(
  admin: Admin,
  topic: string,
  name: string,
  value: string,
  source: kafkajs.ConfigSource,
) {
  let seen = await topicConfig(admin, topic, name);
  await until(
    `${name} is ${value}`,
    async () => {
      seen = await topicConfig(admin, topic, name);
      return seen.configValue === value && seen.configSource === source;
    },
    { detail: () => JSON.stringify(seen) },
  );
}

const createAndDescribe: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    const created = await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: 5,
          replicationFactor: 1,
          configEntries: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'segment.bytes', value: '2097152' },
          ],
        },
      ],
    });
    assert.equal(created, true);
    assert.ok((await admin.listTopics()).includes(topic));
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]!.partitions.sort((a, b) => a.partitionId - b.partitionId);
    const { brokers, controller } = await admin.describeCluster();
    const node = brokers[0]!.nodeId;
    assert.equal(controller, node);
    assert.deepEqual(
      partitions.map(({ partitionId, leader, replicas, isr }) => ({ partitionId, leader, replicas, isr })),
      [0, 1, 2, 3, 4].map(partitionId => ({ partitionId, leader: node, replicas: [node], isr: [node] })),
    );
    assert.deepEqual(await topicConfig(admin, topic, 'segment.bytes'), {
      configValue: '2097152',
      configSource: ConfigSource.TOPIC_CONFIG,
      isSensitive: false,
      readOnly: false,
    });
    await becomes(admin, topic, 'cleanup.policy', 'compact', ConfigSource.TOPIC_CONFIG);
  });

const configs: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 1);
    const alter = (configEntries: { name: string; value: string }[], validateOnly = false) =>
      admin.alterConfigs({
        validateOnly,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
      });
    await alter([{ name: 'max.message.bytes', value: '20000' }]);
    await becomes(admin, topic, 'max.message.bytes', '20000', ConfigSource.TOPIC_CONFIG);
    // AlterConfigs replaces all: what is left out is back at its default.
    await becomes(admin, topic, 'retention.ms', '604800000', ConfigSource.DEFAULT_CONFIG);
    await alter([{ name: 'max.message.bytes', value: '30000' }], true);
    await becomes(admin, topic, 'max.message.bytes', '20000', ConfigSource.TOPIC_CONFIG);

    const { brokers } = await admin.describeCluster();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: String(brokers[0]!.nodeId) }],
    });
    const nodeId = resources[0]!.configEntries.find(entry => entry.configName === 'node.id');
    assert.deepEqual([nodeId?.configValue, nodeId?.readOnly], [String(brokers[0]!.nodeId), true]);
  });

const addPartitions: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 2);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await leadersAnswer(admin, topic, 5);
    await refused(
      'INVALID_PARTITIONS',
      'fewer partitions',
      admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }),
    );
    await withProducer(scenario, { idempotent: false }, producer =>
      producer.send({ topic, messages: makeRows(10, 5).map(toMessage) }),
    );
    assert.equal((await readAll(scenario, topic, 10)).length, 10);
  });

const deleteRecords: Case = scenario =>
  withAdmin(scenario, async admin => {
    const topic = scenario.name('topic');
    await createTopic(scenario, topic, 2);
    await withProducer(scenario, { idempotent: false }, producer =>
      producer.send({ topic, messages: makeRows(40, 2).map(toMessage) }),
    );
    // kafkajs deletes records only of topics whose metadata it has.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: [
        { partition: 0, offset: '7' },
        { partition: 1, offset: '-1' },
      ],
    });
    const ends = (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition);
    assert.deepEqual(
      ends.map(({ low, high }) => [low, high]),
      [
        ['7', '20'],
        ['20', '20'],
      ],
    );
    const rows = await readAll(scenario, topic, 13);
    assert.deepEqual(rows.map(({ partition, offset }) => [partition, offset])[0], [0, 7n]);
    assert.equal(rows.length, 13);
    // kafkajs keeps the code of this error to itself.
    await assert.rejects(
      admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '21' }] }),
      /Error while deleting records/,
    );
  });

const deleteTopic: Case = async scenario => {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 3);
  await withProducer(scenario, { idempotent: false }, producer =>
    producer.send({ topic, messages: makeRows(30, 3).map(toMessage) }),
  );
  await withAdmin(scenario, async admin => {
    await admin.deleteTopics({ topics: [topic] });
    await until('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
    await refused(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'a topic that is not there',
      admin.deleteTopics({ topics: [scenario.name('missing')] }),
    );
  });
  // The name can be used again, and nothing of the old records is left.
  await createTopic(scenario, topic, 1);
  const ends = await withAdmin(scenario, admin => admin.fetchTopicOffsets(topic));
  assert.deepEqual(ends, [{ partition: 0, offset: '0', high: '0', low: '0' }]);
};

export const adminCases: Record<string, Case> = {
  'create-topic': createAndDescribe,
  configs,
  'add-partitions': addPartitions,
  'delete-records': deleteRecords,
  'delete-topic': deleteTopic,
};
