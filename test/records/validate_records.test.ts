import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asOffset, asProducerEpoch, asProducerId } from '../../src/model/ids.ts';
import { MAX_RECORD_ERRORS } from '../../src/model/limits.ts';
import { type BatchOptions, buildBatch, type RecordInput } from '../../src/records/build_batch.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { CompressionType, RecordBatch } from '../../src/records/record_batch.ts';
import { type RecordRules, RecordsRefused, validateRecords } from '../../src/records/validate_records.ts';
import { arbitraryRecords } from './arbitrary_records.ts';

const MAX_BYTES = 1 << 20;
const ANY: RecordRules = {
  needsKeys: false,
  compression: undefined,
  compressionLevel: undefined,
  earliestTimestamp: undefined,
  latestTimestamp: undefined,
  maxRecordBytes: MAX_BYTES,
};
const OPTIONS: BatchOptions = {
  producerId: asProducerId(77n),
  producerEpoch: asProducerEpoch(3),
  baseSequence: 40,
  isTransactional: true,
};
const key = Buffer.from('key');
const at = (timestamp: bigint, extra: Partial<RecordInput> = {}): RecordInput => ({
  timestamp,
  key,
  value: Buffer.from('a value that repeats, a value that repeats'),
  ...extra,
});
const codecs = Object.entries(CompressionType);

function accepted(result: RecordBatch | Failure): RecordBatch {
  if (result instanceof Failure) assert.fail(result.toString());
  assert.equal(result.isCrcValid(), true);
  return result;
}

function refused(result: RecordBatch | Failure): RecordsRefused {
  assert.ok(result instanceof RecordsRefused);
  return result;
}

/** A batch whose records are broken, with a right checksum. */
function broken(compression: CompressionType): RecordBatch {
  const batch = buildBatch([at(1n), at(2n)], { ...OPTIONS, compression });
  batch.buffer.fill(0xee, 61);
  batch.setMaxTimestamp(2n, false);
  return batch;
}

describe('validateRecords', () => {
  for (const [name, compression] of codecs) {
    test(`a good batch with ${name} is given back as it is`, () => {
      const batch = buildBatch([at(5n), at(9n), at(-1n)], { ...OPTIONS, compression });
      const before = Buffer.from(batch.buffer);
      assert.equal(validateRecords(batch, { ...ANY, needsKeys: true, latestTimestamp: 9n }), batch);
      assert.ok(batch.buffer.equals(before));
    });

    for (const [targetName, target] of codecs) {
      if (target === compression) continue;
      test(`${name} becomes ${targetName} with the same records and header`, () => {
        fc.assert(
          fc.property(arbitraryRecords, records => {
            const batch = buildBatch(records, { ...OPTIONS, compression });
            const made = accepted(validateRecords(batch, { ...ANY, compression: target }));
            assert.equal(made.compression, target);
            assert.deepEqual(readRecords(made, MAX_BYTES), readRecords(batch, MAX_BYTES));
            assert.ok(made.buffer.subarray(23, 61).equals(batch.buffer.subarray(23, 61)));
            assert.equal(made.isTransactional, true);
          }),
          { numRuns: 10 },
        );
      });
    }
  }

  test('records that can not be read are refused without compression, and wherever a setting demands them', () => {
    const result = validateRecords(broken(CompressionType.none), ANY);
    assert.ok(result instanceof Failure);
    assert.equal(result.code, Errors.INVALID_RECORD);
    const compressed = broken(CompressionType.snappy);
    assert.equal(validateRecords(compressed, ANY), compressed);
    assert.equal(validateRecords(compressed, { ...ANY, compression: CompressionType.snappy }), compressed);
    const demands: Partial<RecordRules>[] = [
      { needsKeys: true },
      { compression: CompressionType.gzip },
      { earliestTimestamp: 0n },
      { latestTimestamp: 1n },
    ];
    for (const demand of demands) {
      const refusal = validateRecords(compressed, { ...ANY, ...demand });
      assert.ok(refusal instanceof Failure);
      assert.equal(refusal.code, Errors.INVALID_RECORD);
    }
  });

  test('records that take more than allowed are refused', () => {
    const batch = buildBatch([at(1n, { value: Buffer.alloc(5000) })], { compression: CompressionType.gzip });
    const result = validateRecords(batch, { ...ANY, needsKeys: true, maxRecordBytes: 4000 });
    assert.ok(result instanceof Failure);
    assert.equal(result.code, Errors.MESSAGE_TOO_LARGE);
  });

  for (const [name, compression] of codecs) {
    test(`a compacted topic names the records without a key, with ${name}`, () => {
      const batch = buildBatch([at(1n), at(2n, { key: null }), at(3n), at(4n, { key: null })], {
        compression,
      });
      const refusal = refused(validateRecords(batch, { ...ANY, needsKeys: true }));
      assert.equal(refusal.code, Errors.INVALID_RECORD);
      assert.deepEqual(
        refusal.recordErrors.map(error => error.batchIndex),
        [1, 3],
      );
      assert.match(refusal.message, /2 of 4 records .* record 1: The record has no key/);
    });

    test(`timestamps out of bounds are named, with ${name}`, () => {
      const timestamps = [100n, 99n, -1n, 200n, 201n, 9_000_000_000_000n];
      const batch = buildBatch(
        timestamps.map(each => at(each)),
        { compression },
      );
      const rules = { ...ANY, earliestTimestamp: 100n, latestTimestamp: 200n };
      const refusal = refused(validateRecords(batch, rules));
      assert.equal(refusal.code, Errors.INVALID_TIMESTAMP);
      assert.deepEqual(
        refusal.recordErrors.map(error => error.batchIndex),
        [1, 4, 5],
      );
    });
  }

  test('a record without a timestamp has none to be out of bounds', () => {
    const batch = buildBatch([at(-1n), at(100n)]);
    assert.equal(validateRecords(batch, { ...ANY, earliestTimestamp: 100n }), batch);
  });

  test('a wrong timestamp counts for more than a missing key', () => {
    const batch = buildBatch([at(1n, { key: null }), at(500n)]);
    const refusal = refused(validateRecords(batch, { ...ANY, needsKeys: true, latestTimestamp: 200n }));
    assert.equal(refusal.code, Errors.INVALID_TIMESTAMP);
  });

  test('no more records are named than the limit', () => {
    const batch = buildBatch(Array.from({ length: 1000 }, () => at(1n, { key: null })));
    const refusal = refused(validateRecords(batch, { ...ANY, needsKeys: true }));
    assert.equal(refusal.recordErrors.length, MAX_RECORD_ERRORS);
    assert.match(refusal.message, /^1000 of 1000 records/);
  });

  test('the largest timestamp of the records goes into the header', () => {
    const batch = buildBatch([at(50n), at(70n), at(60n)]);
    batch.setMaxTimestamp(9_999n, false);
    assert.equal(accepted(validateRecords(batch, ANY)), batch);
    assert.equal(batch.maxTimestamp, 70n);
  });

  test('timestamps that go round the ends of int64 are no crash', () => {
    const batch = buildBatch([at(5n), at(9n)]);
    batch.buffer.writeBigInt64BE(0x7fff_ffff_ffff_ffffn, 27);
    batch.setMaxTimestamp(9n, false);
    accepted(validateRecords(batch, { ...ANY, latestTimestamp: 100n }));
  });

  for (const [name, compression] of codecs) {
    test(`offsets that are not consecutive are put right, with ${name}`, () => {
      const records = [at(5n, { offset: asOffset(3n) }), at(6n, { offset: asOffset(8n), key: null })];
      const gaps = buildBatch(records, { ...OPTIONS, compression });
      gaps.buffer.writeInt32BE(1, 23);
      const made = accepted(validateRecords(gaps, { ...ANY, earliestTimestamp: 0n }));
      const wanted = buildBatch(
        records.map(({ timestamp, key, value }) => ({ timestamp, key, value })),
        { ...OPTIONS, compression },
      );
      assert.deepEqual(readRecords(made, MAX_BYTES), readRecords(wanted, MAX_BYTES));
      assert.ok(made.buffer.subarray(21, 61).equals(wanted.buffer.subarray(21, 61)));
    });
  }

  test('a batch built at random is taken as it is', () => {
    fc.assert(
      fc.property(arbitraryRecords, records => {
        const batch = buildBatch(records);
        const before = Buffer.from(batch.buffer);
        return validateRecords(batch, ANY) === batch && batch.buffer.equals(before);
      }),
    );
  });

  test('changed bytes are taken or refused, and never more', () => {
    const batch = buildBatch([at(5n), at(2n ** 40n), at(9n, { headers: [{ key: 'h', value: null }] })]);
    fc.assert(
      fc.property(fc.nat(batch.sizeBytes - 24), fc.nat(255), (position, byte) => {
        const changed = new RecordBatch(Buffer.from(batch.buffer));
        changed.buffer[23 + position] = byte;
        const rules = { ...ANY, needsKeys: true, earliestTimestamp: 0n, latestTimestamp: 2n ** 41n };
        const result = validateRecords(changed, rules);
        assert.ok(result instanceof RecordBatch || result instanceof Failure);
      }),
      { numRuns: 3000 },
    );
  });
});
