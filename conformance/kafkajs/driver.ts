import type { Driver, Member, Membership } from '../support/driver.ts';
import type { Scenario } from '../support/program.ts';
import { createTopic, makeConsumer, withAdmin, withProducer } from './client.ts';

/** A member that commits each batch after it has processed it. */
async function startMember(scenario: Scenario, { group, topic, name, ledger }: Membership): Promise<Member> {
  const consumer = makeConsumer(scenario, group);
  consumer.on('consumer.rebalancing', () => ledger.lost(name));
  consumer.on('consumer.group_join', ({ payload }) => {
    ledger.lost(name);
    ledger.gained(name, payload.memberAssignment[topic] ?? []);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat }) => {
      const { partition } = batch;
      for (const { offset } of batch.messages) {
        ledger.processed(name, partition, Number(offset));
        resolveOffset(offset);
      }
      const next = Number(batch.lastOffset()) + 1;
      // When this fails kafkajs joins again and goes on at the last offset that is committed.
      await commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
      });
      ledger.committed(partition, next);
      await heartbeat();
    },
  });
  return {
    async stop() {
      await consumer.disconnect();
      ledger.lost(name);
    },
  };
}

export const driver: Driver = {
  createTopic,
  startMember,

  withSender: (scenario, topic, work) =>
    withProducer(scenario, { idempotent: true }, producer =>
      work(async messages => {
        await producer.send({ topic, acks: -1, messages: [...messages] });
      }),
    ),

  committedOffsets: (scenario, groupId, topic) =>
    withAdmin(scenario, async admin => {
      const [fetched] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return new Map(fetched!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    }),

  endOffsets: (scenario, topic) =>
    withAdmin(scenario, async admin => {
      const ends = await admin.fetchTopicOffsets(topic);
      return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
    }),

  async readValues(scenario, topic, onValue) {
    const consumer = makeConsumer(scenario, scenario.name('reader'));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => onValue(partition, message.value!.toString()),
    });
    return () => consumer.disconnect();
  },
};
