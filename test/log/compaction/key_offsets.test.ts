import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyOffsets } from '../../../src/log/compaction/key_offsets.ts';
import { asOffset } from '../../../src/model/ids.ts';

const BASE = 5_000_000_000n;
const secret = new Uint8Array(16);
const keyOf = (at: number) => Buffer.from(`key ${at}`);

test('it has the latest offset of every key, however many there are', () => {
  const table = new KeyOffsets({ base: asOffset(BASE), maxBytes: 10_000_000, secret });
  const expected = new Map<number, bigint>();
  for (let at = 0; at < 30_000; at++) {
    const key = (at * 7919) % 20_011;
    table.set(keyOf(key), asOffset(BASE + BigInt(at)));
    expected.set(key, BASE + BigInt(at));
  }
  assert.equal(table.size, expected.size);
  for (const [key, offset] of expected) assert.equal(table.get(keyOf(key)), offset);
  assert.equal(table.get(keyOf(-1)), undefined);
});

test('it is full when the memory is used up, and keeps what it has', () => {
  const table = new KeyOffsets({ base: asOffset(0n), maxBytes: 24 * 1024, secret });
  let count = 0;
  while (!table.isFull) table.set(keyOf(count), asOffset(BigInt(count++)));
  assert.equal(count, 768);
  for (let at = 0; at < count; at++) assert.equal(table.get(keyOf(at)), BigInt(at));
  assert.throws(() => table.set(keyOf(count), asOffset(0n)), /full/);
});
