import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { asOffset } from '../../src/model/ids.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { batchSizeAt, splitBatches } from '../../src/records/split_batches.ts';

const records = [{ timestamp: 1n, key: null, value: Buffer.from('value') }];
const first = buildBatch(records).buffer;
const second = buildBatch([...records, ...records], { baseOffset: asOffset(1n) }).buffer;
const both = Buffer.concat([first, second]);

describe('splitBatches', () => {
  test('every cut gives the whole batches before it', () => {
    for (let length = 0; length <= both.length; length++) {
      const split = splitBatches(both.subarray(0, length));
      const whole = length === both.length ? 2 : length >= first.length ? 1 : 0;
      assert.equal(split.failure, undefined);
      assert.equal(split.batches.length, whole);
      assert.equal(split.endPosition, [0, first.length, both.length][whole]);
    }
  });

  test('the batches are views of the bytes', () => {
    const { batches } = splitBatches(both);
    assert.equal(batches[1]!.buffer.buffer, both.buffer);
    assert.ok(batches[1]!.buffer.equals(second));
  });

  for (const [what, position, value, code, text] of [
    ['a length below the smallest', 8, '0000000d', Errors.CORRUPT_MESSAGE, /length is 13/],
    ['a length above what there can be', 8, '7ffffff4', Errors.CORRUPT_MESSAGE, /length is 2147483636/],
    ['a negative length', 8, 'ffffffff', Errors.CORRUPT_MESSAGE, /length is -1/],
    ['a size below the header', 8, '00000030', Errors.CORRUPT_MESSAGE, /size is 60/],
    ['a magic that does not exist', 16, '03', Errors.CORRUPT_MESSAGE, /magic is 3/],
    ['a negative magic', 16, 'ff', Errors.CORRUPT_MESSAGE, /magic is -1/],
    ['an old message set', 16, '01', Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT, /format 1/],
  ] as const) {
    test(`${what} ends the batches with a failure`, () => {
      const bytes = Buffer.from(both);
      bytes.write(value, first.length + position, 'hex');
      const { batches, endPosition, failure } = splitBatches(bytes);
      assert.equal(batches.length, 1);
      assert.equal(endPosition, first.length);
      assert.equal(failure?.code, code);
      assert.match(failure!.message, text);
    });
  }

  test('a batch longer than any buffer is one that is cut off', () => {
    const bytes = Buffer.from(first);
    bytes.writeInt32BE(0x7ffffff3, 8);
    assert.equal(batchSizeAt(bytes, 0), undefined);
  });
});
