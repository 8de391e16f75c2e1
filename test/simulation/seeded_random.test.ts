import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';

test('the same seed gives the same sequence, another seed another', () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return [
      random.fraction(),
      Buffer.from(random.bytes(7)).toString('hex'),
      random.below(1000),
      random.uint32(),
    ];
  };
  assert.deepEqual(draw(42), draw(42));
  const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  assert.equal(new Set(seeds.map(seed => JSON.stringify(draw(seed)))).size, seeds.length);
});

test('a sequence stays what it is from version to version', () => {
  const random = new SeededRandom(2026);
  assert.deepEqual([random.uint32(), random.uint32(), random.uint32()], [245078849, 2658985612, 1712511286]);
});

test('fractions and bytes are spread evenly', () => {
  const random = new SeededRandom(3);
  const buckets = new Array<number>(16).fill(0);
  for (let draw = 0; draw < 160_000; draw++) buckets[Math.floor(random.fraction() * 16)]!++;
  for (const byte of random.bytes(160_000)) buckets[byte >> 4]!++;
  for (const count of buckets) assert.ok(Math.abs(count - 20_000) < 600, buckets.join(' '));
});

test('a fork goes its own way', () => {
  const parent = new SeededRandom(9);
  const same = new SeededRandom(9);
  const fork = parent.fork();
  const alike = same.fork();
  parent.fraction();
  assert.equal(fork.uint32(), alike.uint32());
  assert.notEqual(new SeededRandom(9).uint32(), fork.uint32());
});
