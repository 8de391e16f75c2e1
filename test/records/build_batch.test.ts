import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { failed } from '../../src/model/failure.ts';
import { asOffset, asProducerId } from '../../src/model/ids.ts';
import { type BatchOptions, buildBatch, type RecordInput } from '../../src/records/build_batch.ts';
import { readRecords } from '../../src/records/read_records.ts';
import type { Record } from '../../src/records/record.ts';
import { addSequence, CompressionType, type RecordBatch } from '../../src/records/record_batch.ts';
import { arbitraryOptions, arbitraryRecords } from './arbitrary_records.ts';

const MAX_BYTES = 1 << 24;
const plain = (timestamp: bigint, offset?: bigint): RecordInput => ({
  timestamp,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  ...(offset === undefined ? {} : { offset: asOffset(offset) }),
});

function read(batch: RecordBatch): Record[] {
  const records = readRecords(batch, MAX_BYTES);
  if (failed(records)) assert.fail(records.toString());
  return records;
}

describe('buildBatch', () => {
  for (const [name, compression] of Object.entries(CompressionType)) {
    test(`what is built with ${name} reads back`, () => {
      fc.assert(
        fc.property(arbitraryRecords, arbitraryOptions, (records, options) => {
          checkReadsBack(records, { ...options, compression });
        }),
        { numRuns: 60 },
      );
    });
  }

  test('a record without an offset of its own comes after the one before', () => {
    const batch = buildBatch([plain(5n), plain(6n)], { baseOffset: asOffset(1n << 60n) });
    assert.deepEqual(
      read(batch).map(record => record.offset),
      [1n << 60n, (1n << 60n) + 1n],
    );
  });

  test('offsets may have gaps, and the batch may end behind its last record', () => {
    const records = [plain(5n, 100n), plain(9n, 107n)];
    const batch = buildBatch(records, { baseOffset: asOffset(98n), lastOffset: asOffset(110n) });
    assert.equal(batch.lastOffset, 110n);
    assert.equal(batch.recordCount, 2);
    assert.deepEqual(
      read(batch).map(record => record.offset),
      [100n, 107n],
    );
  });

  test('the append time is the timestamp of every record', () => {
    const batch = buildBatch([plain(5n), plain(900n)], { logAppendTimeMs: 70n });
    assert.equal(batch.isLogAppendTime, true);
    assert.equal(batch.maxTimestamp, 70n);
    assert.deepEqual(
      read(batch).map(record => record.timestamp),
      [70n, 70n],
    );
  });

  test('a delete horizon takes the place of the base timestamp', () => {
    const batch = buildBatch([plain(5n), plain(9n)], { deleteHorizonMs: 1_000_000n });
    assert.equal(batch.hasDeleteHorizon, true);
    assert.equal(batch.baseTimestamp, 1_000_000n);
    assert.equal(batch.maxTimestamp, 9n);
    assert.deepEqual(
      read(batch).map(record => record.timestamp),
      [5n, 9n],
    );
  });

  test('a batch without records keeps its last sequence', () => {
    const batch = buildBatch([], {
      baseOffset: asOffset(10n),
      lastOffset: asOffset(15n),
      producerId: asProducerId(7n),
      baseSequence: 0x7ffffffe,
      maxTimestamp: 77n,
      compression: CompressionType.gzip,
    });
    assert.equal(batch.lastOffset, 15n);
    assert.equal(batch.lastSequence, 3);
    assert.equal(batch.compression, CompressionType.none);
    assert.equal(batch.baseTimestamp, -1n);
    assert.equal(batch.maxTimestamp, 77n);
    assert.deepEqual(read(batch), []);
  });

  test('offsets that do not rise are a mistake of the caller', () => {
    assert.throws(() => buildBatch([plain(1n, 5n), plain(1n, 5n)]), /do not rise/);
    assert.throws(() => buildBatch([plain(1n, 1n << 40n)]), /out of the range/);
    assert.throws(() => buildBatch([plain(1n, 9n)], { lastOffset: asOffset(8n) }), /behind the last offset/);
    assert.throws(() => buildBatch([]), /needs its last offset/);
  });
});

function checkReadsBack(records: readonly RecordInput[], options: BatchOptions): void {
  const batch = buildBatch(records, options);
  const { baseOffset = asOffset(0n), baseSequence = -1 } = options;
  assert.equal(batch.isCrcValid(), true);
  assert.equal(batch.compression, options.compression);
  assert.equal(batch.recordCount, records.length);
  assert.equal(batch.lastOffset, baseOffset + BigInt(records.length - 1));
  assert.deepEqual(
    read(batch),
    records.map((record, index) => ({
      offset: baseOffset + BigInt(index),
      timestamp: record.timestamp,
      sequence: baseSequence < 0 ? -1 : addSequence(baseSequence, index),
      key: record.key,
      value: record.value,
      headers: record.headers ?? [],
    })),
  );
}
