import assert from 'node:assert/strict';
import type { CreateTopicsOptions } from '@platformatic/kafka';
import type { Case, Scenario } from '../support/program.ts';
import { noise } from '../support/rows.ts';
import { createTopic, readAll, refused, withAdmin, withConsumer, withProducer } from './client.ts';

const largeMessage: Case = async scenario => {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 1);
  await withProducer(scenario, { acks: -1 }, async producer => {
    const send = (sizeBytes: number) => producer.send({ messages: [{ topic, value: noise(sizeBytes) }] });
    await refused('MESSAGE_TOO_LARGE', 'two megabytes', send(2 * 1024 * 1024));
    await send(1_000_000);
  });
  const [row] = await readAll(scenario, topic, 1);
  assert.equal(row!.value!.length, 1_000_000);
};

const unknownTopic: Case = async scenario => {
  const topic = scenario.name('missing');
  // The client puts an error of its own in place of the node's code.
  const unknown = { code: 'PLT_KFK_USER', message: `Unknown topic ${topic}.` };
  await withProducer(scenario, { acks: -1, autocreateTopics: false, retries: 0 }, producer =>
    assert.rejects(producer.send({ messages: [{ topic, value: Buffer.from('lost') }] }), unknown),
  );
  await withConsumer(scenario, consumer =>
    assert.rejects(consumer.listOffsets({ topics: [topic] }), unknown),
  );
  await withAdmin(scenario, async admin => {
    assert.ok(!(await admin.listTopics()).includes(topic), 'the topic was not created');
  });
};

/** What a node must not create, with the code it says so by. */
function badTopics(scenario: Scenario): [code: string, what: string, options: CreateTopicsOptions][] {
  const good = scenario.name('bad');
  const named = (name: string) => ({ topics: [name], partitions: 1, replicas: 1 });
  const configured = (name: string, value: string) => ({ ...named(good), configs: [{ name, value }] });
  return [
    ['INVALID_TOPIC_EXCEPTION', 'a slash in the name', named('bad/name')],
    ['INVALID_TOPIC_EXCEPTION', 'a name of 250 characters', named('n'.repeat(250))],
    ['INVALID_TOPIC_EXCEPTION', 'a name of two dots', named('..')],
    ['INVALID_REPLICATION_FACTOR', 'more replicas than nodes', { ...named(good), replicas: 100 }],
    ['INVALID_PARTITIONS', 'no partitions', { ...named(good), partitions: 0 }],
    ['INVALID_CONFIG', 'an unknown config', configured('no.such.config', '1')],
    ['INVALID_CONFIG', 'a value out of range', configured('segment.bytes', '-5')],
    ['INVALID_CONFIG', 'a value of the wrong type', configured('retention.ms', 'soon')],
  ];
}

const badTopicsRefused: Case = scenario =>
  withAdmin(scenario, async admin => {
    for (const [code, what, options] of badTopics(scenario)) {
      await refused(code, what, admin.createTopics(options));
    }
    const topic = scenario.name('there');
    await createTopic(scenario, topic, 1);
    await refused(
      'TOPIC_ALREADY_EXISTS',
      'a topic that is there already',
      admin.createTopics({ topics: [topic] }),
    );
  });

export const refusalCases: Record<string, Case> = {
  'refuse-large-message': largeMessage,
  'refuse-unknown-topic': unknownTopic,
  'refuse-bad-topics': badTopicsRefused,
};
