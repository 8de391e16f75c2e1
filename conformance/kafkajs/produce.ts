import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import type { Case } from '../support/program.ts';
import { assertSame, makeRows } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import { createTopic, readAll, toMessage, withAdmin, withProducer } from './client.ts';
import './codecs.ts';

const PARTITIONS = 3;
const { CompressionTypes } = kafkajs;

/** Records of every shape come back as they were sent, and the node says at which offsets they are. */
const produceWith =
  (compression: kafkajs.CompressionTypes): Case =>
  async scenario => {
    const topic = scenario.name('topic');
    const rows = makeRows(120, PARTITIONS);
    await createTopic(scenario, topic, PARTITIONS);
    await withProducer(scenario, { idempotent: false }, async producer => {
      for (const [part, baseOffset] of [
        [rows.slice(0, 60), '0'],
        [rows.slice(60), '20'],
      ] as const) {
        const results = await producer.send({ topic, compression, acks: -1, messages: part.map(toMessage) });
        assert.deepEqual(
          results.map(result => result.baseOffset),
          [baseOffset, baseOffset, baseOffset],
        );
      }
    });
    assertSame(await readAll(scenario, topic, rows.length), rows);
  };

const produceWithAcks =
  (acks: 0 | 1 | -1): Case =>
  async scenario => {
    const topic = scenario.name('topic');
    const rows = makeRows(30, PARTITIONS);
    await createTopic(scenario, topic, PARTITIONS);
    await withProducer(scenario, { idempotent: false }, async producer => {
      const results = await producer.send({ topic, acks, messages: rows.map(toMessage) });
      if (acks === 0) assert.deepEqual(results, [], 'acks=0 is not answered');
      else
        assert.deepEqual(
          results.map(result => result.baseOffset),
          ['0', '0', '0'],
        );
      await withAdmin(scenario, admin =>
        until('the records are in', async () => {
          const ends = await admin.fetchTopicOffsets(topic);
          return ends.every(({ high }) => high === '10');
        }),
      );
    });
    assertSame(await readAll(scenario, topic, rows.length), rows);
  };

const produceIdempotently: Case = async scenario => {
  const topic = scenario.name('topic');
  const rows = makeRows(300, PARTITIONS);
  await createTopic(scenario, topic, PARTITIONS);
  await withProducer(scenario, { idempotent: true }, async producer => {
    for (let start = 0; start < rows.length; start += 30) {
      await producer.send({ topic, messages: rows.slice(start, start + 30).map(toMessage) });
    }
  });
  assertSame(await readAll(scenario, topic, rows.length), rows);
};

export const produceCases: Record<string, Case> = {
  'produce-none': produceWith(CompressionTypes.None),
  'produce-gzip': produceWith(CompressionTypes.GZIP),
  'produce-snappy': produceWith(CompressionTypes.Snappy),
  'produce-lz4': produceWith(CompressionTypes.LZ4),
  'produce-zstd': produceWith(CompressionTypes.ZSTD),
  'acks-0': produceWithAcks(0),
  'acks-1': produceWithAcks(1),
  'acks-all': produceWithAcks(-1),
  'idempotent-producer': produceIdempotently,
};
