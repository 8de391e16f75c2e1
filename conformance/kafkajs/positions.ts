import assert from 'node:assert/strict';
import type { Consumer } from 'kafkajs';
import type { Case, Scenario } from '../support/program.ts';
import { FIRST_TIMESTAMP_MS, makeRows, type ReadRow } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import { createTopic, makeConsumer, toMessage, toRow, withAdmin, withProducer } from './client.ts';

const COUNT = 100;

/** A topic of one partition, whose record at offset n has the timestamp of n seconds after the first. */
async function makeTopic(scenario: Scenario): Promise<string> {
  const topic = scenario.name('topic');
  await createTopic(scenario, topic, 1);
  await withProducer(scenario, { idempotent: false }, producer =>
    producer.send({ topic, messages: makeRows(COUNT, 1).map(toMessage) }),
  );
  return topic;
}

/** Hands a running consumer with what it read to `work`. */
async function withReader(
  scenario: Scenario,
  topic: string,
  work: (consumer: Consumer, read: ReadRow[]) => Promise<void>,
): Promise<void> {
  const read: ReadRow[] = [];
  const consumer = makeConsumer(scenario, scenario.name('reader'));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      read.push(toRow(partition, message));
    },
  });
  try {
    await until('everything is read', () => read.length === COUNT, { detail: () => `${read.length} read` });
    await work(consumer, read);
  } finally {
    await consumer.disconnect();
  }
}

const seekByTime: Case = async scenario => {
  const topic = await makeTopic(scenario);
  const at = (ms: number) =>
    withAdmin(scenario, async admin => (await admin.fetchTopicOffsetsByTimestamp(topic, ms))[0]!.offset);
  assert.equal(await at(FIRST_TIMESTAMP_MS - 1), '0', 'before the first record');
  assert.equal(await at(FIRST_TIMESTAMP_MS + 50_000), '50', "a record's own time");
  assert.equal(await at(FIRST_TIMESTAMP_MS + 50_001), '51', 'between two records');
  assert.equal(await at(FIRST_TIMESTAMP_MS + COUNT * 1000), String(COUNT), 'after the last record: the end');
  const offset = await at(FIRST_TIMESTAMP_MS + 70_500);
  await withReader(scenario, topic, async (consumer, read) => {
    read.length = 0;
    consumer.seek({ topic, partition: 0, offset });
    await until('the rest is read again', () => read.length === COUNT - 71);
    assert.equal(read[0]!.offset, 71n);
    assert.equal(read[0]!.timestampMs, FIRST_TIMESTAMP_MS + 71_000);
  });
};

const seekToEnds: Case = async scenario => {
  const topic = await makeTopic(scenario);
  const [ends] = await withAdmin(scenario, admin => admin.fetchTopicOffsets(topic));
  assert.deepEqual(ends, { partition: 0, offset: String(COUNT), high: String(COUNT), low: '0' });
  await withReader(scenario, topic, async (consumer, read) => {
    read.length = 0;
    consumer.seek({ topic, partition: 0, offset: ends!.low });
    await until('everything is read again', () => read.length === COUNT);
    assert.deepEqual([read[0]!.offset, read.at(-1)!.offset], [0n, BigInt(COUNT - 1)]);

    consumer.seek({ topic, partition: 0, offset: ends!.high });
    await withProducer(scenario, { idempotent: false }, producer =>
      producer.send({ topic, messages: [{ value: 'last' }] }),
    );
    await until('the new record is read', () => read.length > COUNT);
    assert.equal(read.at(-1)!.offset, BigInt(COUNT));
  });
};

const pauseAndResume: Case = async scenario => {
  const paused = await makeTopic(scenario);
  const other = scenario.name('other');
  await createTopic(scenario, other, 1);
  await withReader(scenario, paused, async (consumer, read) => {
    await consumer.stop();
    await consumer.subscribe({ topic: other, fromBeginning: true });
    const readOther: string[] = [];
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        if (topic === other) readOther.push(message.value!.toString());
        else read.push(toRow(partition, message));
      },
    });
    await until('everything is read once more', () => read.length === 2 * COUNT);
    consumer.pause([{ topic: paused }]);
    await withProducer(scenario, { idempotent: false }, async producer => {
      await producer.send({ topic: paused, messages: [{ value: 'while paused' }] });
      // Two rounds of the other topic: a fetch that was under way at the pause has ended by then.
      for (const value of ['one', 'two']) {
        await producer.send({ topic: other, messages: [{ value }] });
        await until(`the other topic's record ${value}`, () => readOther.at(-1) === value);
      }
    });
    assert.equal(read.length, 2 * COUNT, 'nothing of the paused topic is read');
    consumer.resume([{ topic: paused }]);
    await until('the record sent while paused', () => read.length === 2 * COUNT + 1);
    assert.equal(read.at(-1)!.value?.toString(), 'while paused');
  });
};

export const positionCases: Record<string, Case> = {
  'seek-by-time': seekByTime,
  'seek-to-ends': seekToEnds,
  'pause-resume': pauseAndResume,
};
