import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { intactBatches } from '../../src/records/intact_batches.ts';
import { batchOf, ok, refused } from '../support/log_world.ts';

const two = () => Buffer.concat([batchOf('a'), batchOf('b')]);

test('batches are given as they are, one that is cut off at the end is left out', () => {
  assert.equal(ok(intactBatches([two(), batchOf('c')])).length, 3);
  assert.equal(ok(intactBatches([two().subarray(0, -1)])).length, 1);
  assert.deepEqual(ok(intactBatches([])), []);
});

test('a changed bit of what the checksum covers is found, and nothing is given', () => {
  const sizeBytes = batchOf('a').length;
  for (let at = 21; at < sizeBytes; at++) {
    const bytes = two();
    bytes[sizeBytes + at]! ^= 1 << (at % 8);
    assert.equal(refused(intactBatches([bytes])).code, Errors.CORRUPT_MESSAGE, `byte ${at}`);
  }
});
