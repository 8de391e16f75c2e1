import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { eachRecord, readRecords } from '../../src/records/read_records.ts';
import { BATCH_OVERHEAD_BYTES, RecordBatch } from '../../src/records/record_batch.ts';

/** A batch of `count` records whose bytes are `hex`, whatever they are. */
function batchOf(hex: string, count: number): RecordBatch {
  const header = buildBatch([{ timestamp: 1n, key: null, value: null }], {}).buffer.subarray(
    0,
    BATCH_OVERHEAD_BYTES,
  );
  const buffer = Buffer.concat([header, Buffer.from(hex, 'hex')]);
  buffer.writeInt32BE(buffer.length - 12, 8);
  buffer.writeInt32BE(count, 57);
  return new RecordBatch(buffer);
}

/* Attributes, timestamp delta, offset delta, key null, value null, no headers; its length goes before it. */
const BODY = '000000010100';
const LENGTH = '0c';

describe('the records of a batch', () => {
  const taken: readonly [string, string, number][] = [
    ['a record', LENGTH + BODY, 1],
    ['two records', LENGTH + BODY + LENGTH + BODY, 2],
    ['a length in more bytes than it needs', `8c00${BODY}`, 1],
    ['any record attributes', `${LENGTH}ff0000010100`, 1],
    ['any negative length as null', `${LENGTH}000000030500`, 1],
    ['a negative offset delta', `${LENGTH}000001010100`, 1],
    ['no records with bytes left', LENGTH + BODY, 0],
  ];
  for (const [what, hex, count] of taken) {
    test(`${what}: read`, () => {
      const records = readRecords(batchOf(hex, count), 1000);
      if (records instanceof Failure) assert.fail(records.toString());
      assert.equal(records.length, count);
      for (const { key, value } of records) assert.deepEqual({ key, value }, { key: null, value: null });
    });
  }

  const refused: readonly [string, string, number, RegExp][] = [
    ['a negative count', LENGTH + BODY, -1, /count of -1/],
    ['a count of 2147483647', LENGTH + BODY, 0x7fffffff, /count of 2147483647 in 7 bytes/],
    ['a count above the bytes', LENGTH + BODY, 2, /count of 2 in 7 bytes/],
    ['fewer records than bytes', LENGTH + BODY + LENGTH + BODY, 1, /7 bytes behind it/],
    ['bytes behind the last record', `${LENGTH}${BODY}00`, 1, /1 bytes behind it/],
    ['a length above the bytes', `0e${BODY}`, 1, /length of 7/],
    ['a length below its fields', `0a${BODY}`, 1, /fewer bytes than its fields need/],
    ['a length above its fields', `0e${BODY}00`, 1, /length of 7 where its fields take 6/],
    ['a negative length', `01${BODY}`, 1, /length of -1/],
    ['a length of 6 bytes', `ffffffffffff${BODY}`, 1, /varint of more than 5/],
    [
      'a timestamp delta of 11 bytes',
      `2600${'ff'.repeat(11)}0000010100${'00'.repeat(3)}`,
      1,
      /varlong of more than 10/,
    ],
    ['a key above the record', `${LENGTH}000000640100`, 1, /field of 50 bytes/],
    ['a value above the record', `${LENGTH}000000016400`, 1, /field of 50 bytes/],
    ['a key of 2147483647 bytes', `14000000feffffff0f0100`, 1, /field of 2147483647 bytes/],
    ['a negative header count', `${LENGTH}000000010101`, 1, /-1 headers/],
    ['a header count above the bytes', `${LENGTH}000000010164`, 1, /50 headers/],
    ['a header count of 2147483647', `1400000001${'01'}feffffff0f`, 1, /2147483647 headers/],
    ['a header without a key', `1000000001010201${'01'}`, 1, /header whose key/],
    ['a header value above the record', `1000000001010200${'64'}`, 1, /field of 50 bytes/],
    ['bytes that end within a varint', '0c00000001ff', 1, /count of 1 in 6 bytes/],
  ];
  for (const [what, hex, count, text] of refused) {
    test(`${what}: an invalid record`, () => {
      const result = readRecords(batchOf(hex, count), 1000);
      assert.ok(result instanceof Failure);
      assert.equal(result.code, Errors.INVALID_RECORD);
      assert.match(result.message, text);
    });
  }

  test('records before the fault are visited, and visiting ends with false', () => {
    const batch = batchOf(`${LENGTH + BODY}0a${BODY}`, 2);
    const seen: number[] = [];
    const failure = eachRecord(batch, 1000, record => seen.push(record.index));
    assert.equal(failure?.code, Errors.INVALID_RECORD);
    assert.deepEqual(seen, [0]);
    assert.equal(
      eachRecord(batch, 1000, () => false),
      undefined,
    );
  });

  test('what a visitor throws is not taken for a fault of the bytes', () => {
    const visit = () => {
      throw new RangeError('a bug');
    };
    assert.throws(() => eachRecord(batchOf(LENGTH + BODY, 1), 1000, visit), RangeError);
  });
});
