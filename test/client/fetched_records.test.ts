import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AbortedTransaction, FetchedRecords } from '../../src/client/consumer/fetched_records.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset, asProducerEpoch, asProducerId } from '../../src/model/ids.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { buildControlBatch } from '../../src/records/control_records.ts';

interface BatchFacts {
  readonly producer?: bigint;
  readonly isTransactional?: boolean;
  /** Offsets from the base that records are left of; all without it. */
  readonly kept?: readonly number[];
}

function batch(
  base: number,
  count: number,
  { isTransactional = false, kept, producer }: BatchFacts = {},
): Buffer {
  const deltas = kept ?? Array.from({ length: count }, (_, index) => index);
  const inputs = deltas.map(delta => ({
    timestamp: 0n,
    key: null,
    value: Buffer.from(String(base + delta)),
    offset: asOffset(BigInt(base + delta)),
  }));
  return buildBatch(inputs, {
    baseOffset: asOffset(BigInt(base)),
    lastOffset: asOffset(BigInt(base + count - 1)),
    leaderEpoch: asLeaderEpoch(3),
    isTransactional,
    ...(producer !== undefined && {
      producerId: asProducerId(producer),
      producerEpoch: asProducerEpoch(0),
      baseSequence: 0,
    }),
  }).buffer;
}

function marker(base: number, producer: bigint, type: 'COMMIT' | 'ABORT'): Buffer {
  return buildControlBatch([{ type, coordinatorEpoch: 0 }], {
    timestamp: 0n,
    baseOffset: asOffset(BigInt(base)),
    isTransactional: true,
    producerId: asProducerId(producer),
    producerEpoch: asProducerEpoch(0),
  }).buffer;
}

function fetched(
  bytes: readonly Buffer[],
  position: number,
  abortedTransactions: readonly AbortedTransaction[] | null = null,
): FetchedRecords {
  return new FetchedRecords({
    name: 'events-0',
    bytes: Buffer.concat(bytes),
    abortedTransactions,
    position: asOffset(BigInt(position)),
    checksCrcs: true,
  });
}

function offsetsOf(records: FetchedRecords): number[] {
  const offsets: number[] = [];
  for (;;) {
    const record = records.next();
    if (record === undefined) return offsets;
    if (failed(record)) assert.fail(record.toString());
    offsets.push(Number(record.offset));
  }
}

test('a fetch begins in the middle of a batch, and ends with a batch that is cut off', () => {
  const records = fetched([batch(0, 5), batch(5, 5), batch(10, 5).subarray(0, 70)], 3);
  assert.deepEqual(offsetsOf(records), [3, 4, 5, 6, 7, 8, 9]);
  assert.equal(records.position, 10n);
  assert.equal(records.epoch, 3);
});

test('the position goes behind what compaction took out', () => {
  const bytes = [batch(0, 10, { kept: [2, 4] }), batch(10, 10, { kept: [] })];
  const records = fetched(bytes, 3);
  assert.deepEqual(offsetsOf(records), [4]);
  assert.equal(records.position, 20n);
});

test('records of aborted transactions are left out, and nothing else', () => {
  const transactional = (producer: bigint) => ({ producer, isTransactional: true });
  const bytes = [
    batch(0, 2, transactional(1n)),
    batch(2, 2, transactional(2n)),
    batch(4, 2, { producer: 1n }),
    marker(6, 1n, 'ABORT'),
    batch(7, 2, transactional(1n)),
    marker(9, 2n, 'COMMIT'),
    marker(10, 1n, 'COMMIT'),
    batch(11, 1, transactional(2n)),
    marker(12, 2n, 'ABORT'),
    batch(13, 1),
  ];
  const aborted = [
    { producerId: 2n, firstOffset: 11n },
    { producerId: 1n, firstOffset: 0n },
  ];
  assert.deepEqual(offsetsOf(fetched(bytes, 0, aborted)), [2, 3, 4, 5, 7, 8, 13]);
  assert.deepEqual(offsetsOf(fetched(bytes, 0)), [0, 1, 2, 3, 4, 5, 7, 8, 11, 13]);
  const records = fetched(bytes.slice(3), 6, aborted);
  assert.deepEqual(offsetsOf(records), [7, 8, 13], 'the aborted transaction began before the position');
  assert.equal(records.position, 14n);
});

test('a batch that fails its checksum is told, with where to go on', () => {
  const broken = batch(5, 5);
  broken[broken.length - 1]! ^= 1;
  const records = fetched([batch(0, 5), broken], 0);
  for (let count = 0; count < 5; count++) assert.ok(!failed(records.next()));
  const failure = records.next();
  assert.ok(failed(failure));
  assert.equal(failure.code, Errors.CORRUPT_MESSAGE);
  assert.match(failure.message, /offset 10/);
  assert.equal(records.position, 5n);
});
