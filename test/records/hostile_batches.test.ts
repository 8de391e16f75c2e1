import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import {
  checkProducedBytes,
  checkProducedHeader,
  checkProducedRecords,
} from '../../src/records/check_produced.ts';
import { eachRecord } from '../../src/records/read_records.ts';
import { CompressionType, RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { arbitraryRecords } from './arbitrary_records.ts';
import { seededFraction } from './compression/sample_bytes.ts';

const MAX_BYTES = 100_000;

/** Goes through everything that the records of a batch have; what they are does not matter. */
function readAll(batch: RecordBatch): void {
  let bytes = 0;
  const failure = eachRecord(batch, MAX_BYTES, record => {
    const { offset, timestamp, sequence, key, value, headers } = record.toRecord();
    assert.equal(typeof offset, 'bigint');
    assert.equal(typeof timestamp, 'bigint');
    assert.equal(typeof sequence, 'number');
    bytes += (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) bytes += header.value?.length ?? 0;
  });
  assert.ok(failure === undefined || failure instanceof Failure);
  assert.ok(bytes <= MAX_BYTES);
}

/** All that bytes from a client or a log go through. */
function takeIn(bytes: Buffer): void {
  const batch = checkProducedRecords(bytes, 13);
  if (batch instanceof RecordBatch) {
    checkProducedBytes(batch, MAX_BYTES);
    checkProducedHeader(batch);
  }
  for (const each of splitBatches(bytes).batches) readAll(each);
}

for (const [name, compression] of Object.entries(CompressionType)) {
  describe(`hostile batches, ${name}`, () => {
    const records = Array.from({ length: 8 }, (_, index) => ({
      timestamp: 1_700_000_000_000n + BigInt(index) * 1_000_000_000_000n,
      key: index % 2 === 0 ? Buffer.from(`key ${index}`) : null,
      value: Buffer.from('a value, a value, a value'),
      headers: [{ key: 'name', value: index % 3 === 0 ? null : Buffer.from('of a header') }],
    }));
    const { buffer } = buildBatch(records, { compression });

    test('cut off at every byte, and with the length made right', () => {
      for (let length = 0; length < buffer.length; length++) {
        takeIn(buffer.subarray(0, length));
        if (length < 61) continue;
        const shorter = Buffer.from(buffer.subarray(0, length));
        shorter.writeInt32BE(length - 12, 8);
        takeIn(shorter);
      }
    });

    test('with every byte changed', () => {
      for (let position = 0; position < buffer.length; position++) {
        for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = Buffer.from(buffer);
          changed[position] = byte;
          takeIn(changed);
        }
      }
    });

    test('with several bytes changed, and bytes of no meaning', () => {
      const fraction = seededFraction(3);
      for (let run = 0; run < 1000; run++) {
        const changed = Buffer.from(buffer);
        for (let change = 0; change < 4; change++) {
          changed[Math.floor(fraction() * changed.length)] = Math.floor(fraction() * 256);
        }
        takeIn(changed);
        for (let position = 61; position < changed.length; position++) {
          changed[position] = Math.floor(fraction() * 256);
        }
        takeIn(changed);
      }
    });

    test('any other records cut and changed', () => {
      fc.assert(
        fc.property(arbitraryRecords, fc.nat(), fc.nat(255), fc.nat(), (each, position, byte, cut) => {
          const bytes = buildBatch(each, { compression }).buffer;
          bytes[position % bytes.length] = byte;
          takeIn(bytes.subarray(0, bytes.length - (cut % 3)));
        }),
        { numRuns: 200 },
      );
    });
  });
}
