import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { FIRST_TIMESTAMP_MS, makeRows, type ReadRow } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import { type BytesConsumer, createTopic, toMessage, toRow, withConsumer, withProducer } from './client.ts';

const COUNT = 100;

/** A topic of one partition, whose record at offset n has the timestamp of n seconds after the first. */
async function makeTopic(scenario: Scenario, suffix = 'topic'): Promise<string> {
  const topic = scenario.name(suffix);
  await createTopic(scenario, topic, 1);
  await withProducer(scenario, { acks: -1 }, producer =>
    producer.send({ messages: makeRows(COUNT, 1).map(row => toMessage(topic, row)) }),
  );
  return topic;
}

const sendOne = (scenario: Scenario, topic: string, text: string) =>
  withProducer(scenario, { acks: -1 }, producer =>
    producer.send({ messages: [{ topic, value: Buffer.from(text) }] }),
  );

/** Reads from an offset; what comes is pushed to the array. */
async function readFrom(consumer: BytesConsumer, topic: string, offset: bigint) {
  const rows: ReadRow[] = [];
  const offsets = [{ topic, partition: 0, offset }];
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'manual',
    fallbackMode: 'earliest',
    offsets,
  });
  stream.on('data', message => rows.push(toRow(message)));
  return { rows, stream };
}

const seekByTime: Case = async scenario => {
  const topic = await makeTopic(scenario);
  await withConsumer(scenario, async consumer => {
    const at = async (afterMs: number) => {
      const timestamp = BigInt(FIRST_TIMESTAMP_MS + afterMs);
      const offsets = await consumer.listOffsetsWithTimestamps({ topics: [topic], timestamp });
      return offsets.get(topic)!.get(0)!;
    };
    assert.equal((await at(-1)).offset, 0n, 'before the first record');
    assert.deepEqual(await at(50_000), { offset: 50n, timestamp: BigInt(FIRST_TIMESTAMP_MS + 50_000) });
    assert.equal((await at(50_001)).offset, 51n, 'between two records');
    assert.equal((await at(COUNT * 1000)).offset, -1n, 'after the last record');

    const { rows } = await readFrom(consumer, topic, (await at(70_500)).offset);
    await until('the rest is read', () => rows.length === COUNT - 71);
    assert.deepEqual([rows[0]!.offset, rows[0]!.timestampMs], [71n, FIRST_TIMESTAMP_MS + 71_000]);
  });
};

const seekToEnds: Case = async scenario => {
  const topic = await makeTopic(scenario);
  await withConsumer(scenario, async consumer => {
    const [begin] = (await consumer.listOffsets({ topics: [topic], timestamp: -2n })).get(topic)!;
    const [end] = (await consumer.listOffsets({ topics: [topic], timestamp: -1n })).get(topic)!;
    assert.deepEqual([begin, end], [0n, BigInt(COUNT)]);
    const { rows, stream } = await readFrom(consumer, topic, end!);
    await sendOne(scenario, topic, 'last');
    await until('the new record is read', () => rows.length > 0);
    assert.deepEqual(
      rows.map(({ offset }) => offset),
      [BigInt(COUNT)],
    );
    await stream.close();
  });
  await withConsumer(scenario, async consumer => {
    const { rows } = await readFrom(consumer, topic, 0n);
    await until('everything is read', () => rows.length === COUNT + 1);
    assert.equal(rows[0]!.offset, 0n);
  });
};

const pauseAndResume: Case = async scenario => {
  const paused = await makeTopic(scenario, 'paused');
  const other = await makeTopic(scenario, 'other');
  await withConsumer(scenario, async consumer => {
    const reading = await readFrom(consumer, paused, 0n);
    await until('the first topic is read', () => reading.rows.length === COUNT);
    reading.stream.pause();
    await sendOne(scenario, paused, 'while paused');
    await withConsumer({ ...scenario, name: suffix => scenario.name(`other-${suffix}`) }, async second => {
      const { rows } = await readFrom(second, other, 0n);
      await until('the other topic is read', () => rows.length === COUNT);
    });
    assert.equal(reading.rows.length, COUNT, 'nothing comes while paused');
    reading.stream.resume();
    await until('the record sent while paused', () => reading.rows.length === COUNT + 1);
    assert.equal(reading.rows.at(-1)!.value?.toString(), 'while paused');
  });
};

/** An offset beyond the end sends the consumer back to where it is told to begin. */
const offsetOutOfRange: Case = async scenario => {
  const topic = await makeTopic(scenario);
  await withConsumer(scenario, async consumer => {
    const { rows } = await readFrom(consumer, topic, 1000n);
    await until('everything is read', () => rows.length === COUNT);
    assert.equal(rows[0]!.offset, 0n);
  });
};

export const positionCases: Record<string, Case> = {
  'seek-by-time': seekByTime,
  'seek-to-ends': seekToEnds,
  'pause-resume': pauseAndResume,
  'offset-out-of-range': offsetOutOfRange,
};
