import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asOffset, asProducerId } from '../../src/model/ids.ts';
import { type BatchOptions, buildBatch } from '../../src/records/build_batch.ts';
import {
  checkProducedBytes,
  checkProducedHeader,
  checkProducedRecords,
} from '../../src/records/check_produced.ts';
import { CompressionType, RecordBatch } from '../../src/records/record_batch.ts';

const record = { timestamp: 1n, key: null, value: Buffer.from('value') };
const build = (options: BatchOptions = {}) => buildBatch([record, record], options);
const good = build();

/** The good batch with other bytes at a position, and the checksum made right. */
function patched(position: number, hex: string): RecordBatch {
  const batch = new RecordBatch(Buffer.from(good.buffer));
  batch.buffer.write(hex, position, 'hex');
  batch.setMaxTimestamp(batch.maxTimestamp, batch.isLogAppendTime);
  return batch;
}

describe('the form of produced records', () => {
  test('one batch is taken, with what is cut off behind it left out', () => {
    for (const extra of [0, 5, 40]) {
      const bytes = Buffer.concat([good.buffer, good.buffer.subarray(0, extra)]);
      const batch = checkProducedRecords(bytes, 9);
      assert.ok(batch instanceof RecordBatch);
      assert.ok(batch.buffer.equals(good.buffer));
    }
  });

  const cases: readonly [string, Buffer, number, number][] = [
    ['no bytes', Buffer.alloc(0), 9, Errors.INVALID_RECORD],
    ['a batch that is cut off', good.buffer.subarray(0, -1), 9, Errors.INVALID_RECORD],
    ['two batches', Buffer.concat([good.buffer, good.buffer]), 9, Errors.INVALID_RECORD],
    ['zeros behind the batch', Buffer.concat([good.buffer, Buffer.alloc(64)]), 9, Errors.CORRUPT_MESSAGE],
    ['zeros', Buffer.alloc(100), 9, Errors.CORRUPT_MESSAGE],
    ['format 1', patched(16, '01').buffer, 9, Errors.INVALID_RECORD],
    ['format 3', patched(16, '03').buffer, 9, Errors.CORRUPT_MESSAGE],
    ['a size below the header', patched(8, '0000000e').buffer.subarray(0, 26), 9, Errors.CORRUPT_MESSAGE],
    ['zstd before version 7', patched(21, '0004').buffer, 6, Errors.UNSUPPORTED_COMPRESSION_TYPE],
  ];
  for (const [what, bytes, version, code] of cases) {
    test(`${what} is refused`, () => {
      const result = checkProducedRecords(bytes, version);
      assert.ok(result instanceof Failure);
      assert.equal(result.code, code);
    });
  }

  test('zstd is taken from version 7 on', () => {
    const batch = checkProducedRecords(patched(21, '0004').buffer, 7);
    assert.ok(batch instanceof RecordBatch);
    assert.equal(batch.compression, CompressionType.zstd);
  });
});

describe('the bytes of a produced batch', () => {
  test('a whole batch within the limit is taken', () => {
    assert.equal(checkProducedBytes(good, good.sizeBytes), undefined);
  });

  test('a base offset other than 0 is refused', () => {
    const batch = build({ baseOffset: asOffset(1n) });
    assert.equal(checkProducedBytes(batch, 1000)?.code, Errors.INVALID_RECORD);
  });

  test('a batch above the limit is refused', () => {
    assert.equal(checkProducedBytes(good, good.sizeBytes - 1)?.code, Errors.MESSAGE_TOO_LARGE);
  });

  test('any bit that the checksum covers is missed when it changes', () => {
    for (let position = 17; position < good.sizeBytes; position++) {
      const bytes = Buffer.from(good.buffer);
      bytes[position]! ^= 1 << (position % 8);
      assert.equal(checkProducedBytes(new RecordBatch(bytes), 1000)?.code, Errors.CORRUPT_MESSAGE);
    }
  });
});

describe('the header of a produced batch', () => {
  test('plain, idempotent and transactional batches are taken', () => {
    const idempotent = { producerId: asProducerId(5n), baseSequence: 0 };
    assert.equal(checkProducedHeader(good), undefined);
    assert.equal(checkProducedHeader(build(idempotent)), undefined);
    assert.equal(checkProducedHeader(build({ ...idempotent, isTransactional: true })), undefined);
  });

  const cases: readonly [string, RecordBatch][] = [
    ['no records', patched(57, '00000000')],
    ['fewer records than offsets', patched(57, '00000001')],
    ['more records than offsets', patched(57, '7fffffff')],
    ['a negative count', patched(57, 'ffffffff')],
    ['a negative last offset', patched(23, 'ffffffff')],
    ['a negative count and last offset that agree', patched(23, 'fffffffe00000000')],
    ['a control batch', build({ isControl: true })],
    ['a producer id without a sequence', build({ producerId: asProducerId(5n) })],
  ];
  for (const [what, batch] of cases) {
    test(`${what} is refused`, () => {
      assert.equal(checkProducedHeader(batch)?.code, Errors.INVALID_RECORD);
    });
  }

  test('a codec that does not exist is refused', () => {
    for (const attributes of ['0005', '0006', '0007']) {
      assert.equal(checkProducedHeader(patched(21, attributes))?.code, Errors.UNSUPPORTED_COMPRESSION_TYPE);
    }
  });
});
