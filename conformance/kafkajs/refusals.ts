import assert from 'node:assert/strict';
import type { ITopicConfig } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { Case, Scenario } from '../support/program.ts';
import { noise } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import { createTopic, makeConsumer, readAll, refused, withAdmin, withProducer } from './client.ts';

const largeMessage: Case = async scenario => {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 1);
  await withProducer(scenario, { idempotent: false }, async producer => {
    const send = (sizeBytes: number) => producer.send({ topic, messages: [{ value: noise(sizeBytes) }] });
    await refused('MESSAGE_TOO_LARGE', 'two megabytes', send(2 * 1024 * 1024));
    await send(1_000_000);
  });
  const [row] = await readAll(scenario, topic, 1);
  assert.equal(row!.value!.length, 1_000_000);
};

const unknownTopic: Case = async scenario => {
  const topic = scenario.name('missing');
  const impatient = { retry: { retries: 0 } };
  const kafka = new kafkajs.Kafka({
    brokers: scenario.bootstrap.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    ...impatient,
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false, ...impatient });
  await producer.connect();
  try {
    await refused(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'produce',
      producer.send({ topic, messages: [{ value: 'lost' }] }),
    );
  } finally {
    await producer.disconnect();
  }
  await withAdmin(scenario, async admin => {
    assert.ok(!(await admin.listTopics()).includes(topic), 'the topic was not created');
  });
  const consumer = kafka.consumer({ groupId: scenario.name('group'), allowAutoTopicCreation: false });
  await consumer.connect();
  try {
    await refused('UNKNOWN_TOPIC_OR_PARTITION', 'subscribe', consumer.subscribe({ topic }));
  } finally {
    await consumer.disconnect();
  }
};

/** What a node must not create, with the code it says so by. */
function badTopics(scenario: Scenario): [code: string, what: string, config: ITopicConfig][] {
  const topic = scenario.name('bad');
  const configured = (name: string, value: string) => ({ topic, configEntries: [{ name, value }] });
  return [
    ['INVALID_TOPIC_EXCEPTION', 'a slash in the name', { topic: 'bad/name' }],
    ['INVALID_TOPIC_EXCEPTION', 'a name of 250 characters', { topic: 'n'.repeat(250) }],
    ['INVALID_TOPIC_EXCEPTION', 'a name of two dots', { topic: '..' }],
    ['INVALID_TOPIC_EXCEPTION', 'an empty name', { topic: '' }],
    ['INVALID_REPLICATION_FACTOR', 'more replicas than nodes', { topic, replicationFactor: 100 }],
    ['INVALID_PARTITIONS', 'no partitions', { topic, numPartitions: 0 }],
    ['INVALID_CONFIG', 'an unknown config', configured('no.such.config', '1')],
    ['INVALID_CONFIG', 'a value out of range', configured('segment.bytes', '-5')],
    ['INVALID_CONFIG', 'a value of the wrong type', configured('retention.ms', 'soon')],
  ];
}

const badTopicsRefused: Case = scenario =>
  withAdmin(scenario, async admin => {
    for (const [code, what, config] of badTopics(scenario)) {
      await refused(
        code,
        what,
        admin.createTopics({ topics: [{ numPartitions: 1, replicationFactor: 1, ...config }] }),
      );
    }
    const topic = scenario.name('there');
    await createTopic(scenario, topic, 1);
    assert.equal(await admin.createTopics({ topics: [{ topic }] }), false, 'a topic that is there already');
  });

/** An offset beyond the end sends the consumer back to where it is told to begin. */
const offsetOutOfRange: Case = async scenario => {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 1);
  await withProducer(scenario, { idempotent: false }, producer =>
    producer.send({ topic, messages: [{ value: 'one' }, { value: 'two' }] }),
  );
  const offsets: string[] = [];
  const consumer = makeConsumer(scenario, scenario.name('group'));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      offsets.push(message.offset);
    },
  });
  try {
    await until('both are read', () => offsets.length === 2);
    consumer.seek({ topic, partition: 0, offset: '1000' });
    await until('both are read again', () => offsets.length === 4);
    assert.deepEqual(offsets, ['0', '1', '0', '1']);
  } finally {
    await consumer.disconnect();
  }
};

export const refusalCases: Record<string, Case> = {
  'refuse-large-message': largeMessage,
  'refuse-unknown-topic': unknownTopic,
  'refuse-bad-topics': badTopicsRefused,
  'offset-out-of-range': offsetOutOfRange,
};
