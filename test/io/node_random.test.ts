import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeRandom } from '../../src/io/node_random.ts';

test('fractions are in [0, 1) and spread evenly', () => {
  const random = new NodeRandom();
  const buckets = new Array<number>(8).fill(0);
  for (let draw = 0; draw < 80_000; draw++) {
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
    buckets[Math.floor(fraction * 8)]!++;
  }
  for (const count of buckets) assert.ok(Math.abs(count - 10_000) < 700, buckets.join(' '));
});

test('bytes are as many as asked for, never the same, and the caller’s own', () => {
  const random = new NodeRandom();
  const seen = new Set<string>();
  for (const count of [0, 1, 16, 16, 4_095, 4_096, 4_097, 100_000]) {
    const bytes = random.bytes(count);
    assert.equal(bytes.length, count);
    assert.equal(bytes.buffer.byteLength, count);
    if (count < 16) continue;
    const text = Buffer.from(bytes).toString('hex');
    assert.ok(!seen.has(text) && !/^0+$/.test(text));
    seen.add(text);
  }
});
