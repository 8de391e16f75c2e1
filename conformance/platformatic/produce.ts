import assert from 'node:assert/strict';
import type { CompressionAlgorithmValue } from '@platformatic/kafka';
import type { Case } from '../support/program.ts';
import { assertSame, makeRows } from '../support/rows.ts';
import { until } from '../support/wait.ts';
import { createTopic, endOffsets, readAll, toMessage, withProducer } from './client.ts';

const PARTITIONS = 3;

/** Records of every shape come back as they were sent, and the node says at which offsets they are. */
const produceWith =
  (compression: CompressionAlgorithmValue): Case =>
  async scenario => {
    const topic = scenario.name('topic');
    const rows = makeRows(120, PARTITIONS);
    await createTopic(scenario, topic, PARTITIONS);
    await withProducer(scenario, { compression, acks: -1 }, async producer => {
      for (const [part, firstOffset] of [
        [rows.slice(0, 60), 0n],
        [rows.slice(60), 20n],
      ] as const) {
        const { offsets } = await producer.send({ messages: part.map(row => toMessage(topic, row)) });
        assert.deepEqual(
          offsets!.map(({ offset }) => offset),
          Array(PARTITIONS).fill(firstOffset),
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
    await withProducer(scenario, { acks }, async producer => {
      const { offsets } = await producer.send({ messages: rows.map(row => toMessage(topic, row)) });
      if (acks !== 0)
        assert.deepEqual(
          offsets!.map(({ offset }) => offset),
          [0n, 0n, 0n],
        );
      await until('the records are in', async () =>
        [...(await endOffsets(scenario, topic)).values()].every(end => end === 10),
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
      await producer.send({ messages: rows.slice(start, start + 30).map(row => toMessage(topic, row)) });
    }
  });
  assertSame(await readAll(scenario, topic, rows.length), rows);
};

export const produceCases: Record<string, Case> = {
  'produce-none': produceWith('none'),
  'produce-gzip': produceWith('gzip'),
  'produce-snappy': produceWith('snappy'),
  'produce-lz4': produceWith('lz4'),
  'produce-zstd': produceWith('zstd'),
  'acks-0': produceWithAcks(0),
  'acks-1': produceWithAcks(1),
  'acks-all': produceWithAcks(-1),
  'idempotent-producer': produceIdempotently,
};
