import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogConfig } from '../../src/log/log_config.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asProducerEpoch, asProducerId } from '../../src/model/ids.ts';
import { buildBatch, type RecordInput } from '../../src/records/build_batch.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { CompressionType, type RecordBatch } from '../../src/records/record_batch.ts';
import { RecordsRefused } from '../../src/records/validate_records.ts';
import { EPOCH, LogWorld, ok } from '../support/log_world.ts';

const value = Buffer.from('a value, a value, a value, a value, a value, a value');
const record = (timestamp: bigint, key: Buffer | null = Buffer.from('key')): RecordInput => ({
  timestamp,
  key,
  value,
});

async function appendWith(config: Partial<LogConfig>, make: (nowMs: number) => RecordBatch) {
  const world = new LogWorld();
  const log = await world.open({ config });
  const result = log.appendAsLeader(make(world.clock.nowMs()).buffer, {
    leaderEpoch: EPOCH,
    origin: 'client',
  });
  return { result, batches: await world.batches(log) };
}

describe('what a topic demands of records', () => {
  for (const [compressionType, compression] of [
    ['uncompressed', CompressionType.none],
    ['gzip', CompressionType.gzip],
    ['snappy', CompressionType.snappy],
    ['lz4', CompressionType.lz4],
    ['zstd', CompressionType.zstd],
  ] as const) {
    test(`compression.type ${compressionType} stores other batches so`, async () => {
      const source = compression === CompressionType.none ? CompressionType.zstd : CompressionType.none;
      const producer = { producerId: asProducerId(7n), producerEpoch: asProducerEpoch(0), baseSequence: 0 };
      const { result, batches } = await appendWith({ compressionType }, nowMs =>
        buildBatch([record(BigInt(nowMs)), record(BigInt(nowMs))], { compression: source, ...producer }),
      );
      assert.equal(ok(result).lastOffset, 1n);
      const [batch] = batches;
      assert.equal(batch!.compression, compression);
      assert.equal(batch!.isCrcValid(), true);
      assert.equal(batch!.producerId, 7n);
      const records = readRecords(batch!, 10_000);
      assert.ok(!failed(records));
      assert.deepEqual(
        records.map(each => each.value),
        [value, value],
      );
    });
  }

  test('a batch that grows above max.message.bytes by it is refused', async () => {
    const { result } = await appendWith({ compressionType: 'uncompressed', maxMessageBytes: 1000 }, nowMs =>
      buildBatch(
        Array.from({ length: 50 }, () => record(BigInt(nowMs))),
        { compression: CompressionType.gzip },
      ),
    );
    assert.ok(result instanceof Failure);
    assert.equal(result.code, Errors.MESSAGE_TOO_LARGE);
  });

  test('a compacted topic names the records without a key', async () => {
    const { result } = await appendWith({ cleanupPolicy: { compact: true, delete: false } }, nowMs =>
      buildBatch([record(BigInt(nowMs)), record(BigInt(nowMs), null)], { compression: CompressionType.lz4 }),
    );
    assert.ok(result instanceof RecordsRefused);
    assert.equal(result.code, Errors.INVALID_RECORD);
    assert.deepEqual(
      result.recordErrors.map(error => error.batchIndex),
      [1],
    );
  });

  for (const [what, config, differenceMs] of [
    ['after', { messageTimestampAfterMaxMs: 1000 }, 1001],
    ['before', { messageTimestampBeforeMaxMs: 1000 }, -1001],
  ] as const) {
    test(`a timestamp too far ${what} the clock is refused, and one at the bound is taken`, async () => {
      const make = (difference: number) => (nowMs: number) =>
        buildBatch([record(BigInt(nowMs)), record(BigInt(nowMs + difference))]);
      const { result } = await appendWith(config, make(differenceMs));
      assert.ok(result instanceof RecordsRefused);
      assert.equal(result.code, Errors.INVALID_TIMESTAMP);
      ok((await appendWith(config, make(differenceMs - Math.sign(differenceMs)))).result);
      ok((await appendWith({ ...config, messageTimestampType: 'LogAppendTime' }, make(differenceMs))).result);
    });
  }

  test('records that can not be read are refused', async () => {
    const { result } = await appendWith({}, nowMs => {
      const batch = buildBatch([record(BigInt(nowMs))]);
      batch.buffer[61] = 0x7e;
      batch.setMaxTimestamp(batch.maxTimestamp, false);
      return batch;
    });
    assert.ok(result instanceof Failure);
    assert.equal(result.code, Errors.INVALID_RECORD);
  });
});
