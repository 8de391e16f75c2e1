import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssertionError } from '../../src/model/assert.ts';
import { int32At, int64At } from '../../src/records/header_fields.ts';

test('every integer is read as it was written', () => {
  const edges = [
    0n,
    -1n,
    1n,
    2n ** 52n,
    2n ** 53n + 1n,
    -(2n ** 52n),
    -(2n ** 52n) - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  const buffer = Buffer.alloc(11);
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...edges), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
      fc.nat(3),
      (value, at) => {
        buffer.writeBigInt64BE(value, at);
        assert.equal(int64At(buffer, at), value);
      },
    ),
  );
  fc.assert(
    fc.property(fc.integer(), fc.nat(7), (value, at) => {
      buffer.writeInt32BE(value, at);
      assert.equal(int32At(buffer, at), value);
    }),
  );
});

test('what is not there whole is not read', () => {
  const buffer = Buffer.alloc(11);
  for (const at of [-1, 4, 11]) assert.throws(() => int64At(buffer, at), AssertionError);
  for (const at of [-1, 8, 11]) assert.throws(() => int32At(buffer, at), AssertionError);
});
