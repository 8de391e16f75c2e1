import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentHistogram } from '../../src/model/recent_histogram.ts';

test('small values are exact', () => {
  const histogram = new RecentHistogram(0);
  for (let value = 1; value <= 60; value++) histogram.record(value, 0);
  assert.deepEqual(histogram.quantiles([0, 0.5, 1], 0), [1, 30, 60]);
  assert.equal(histogram.count, 60);
  assert.equal(histogram.sum, 1830);
});

test('every quantile is within 1.6 % of the value that is there', () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (recorded, fraction) => {
      const histogram = new RecentHistogram(0);
      for (const value of recorded) histogram.record(value, 0);
      const sorted = [...recorded].sort((left, right) => left - right);
      const exact = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!;
      const [found] = histogram.quantiles([fraction], 0);
      assert.ok(Math.abs(found! - exact) <= exact / 63 + 0.5, `${found} for ${exact}`);
    }),
  );
});

test('what is not whole, below 0 or too large is taken for the nearest value', () => {
  const histogram = new RecentHistogram(0);
  for (const value of [-5, 1.4, 2 ** 40]) histogram.record(value, 0);
  const [least, middle, most] = histogram.quantiles([0.1, 0.5, 1], 0);
  assert.equal(least, 0);
  assert.equal(middle, 1);
  assert.ok(most! > 2 ** 30);
});

const AGES: readonly (readonly [ageMs: number, expected: number])[] = [
  [0, 7],
  [59_999, 7],
  [60_000, 7],
  [119_999, 7],
  [120_000, Number.NaN],
  [1_000_000, Number.NaN],
];

for (const [ageMs, expected] of AGES) {
  test(`a value is ${Number.isNaN(expected) ? 'forgotten' : 'remembered'} after ${ageMs} ms`, () => {
    const histogram = new RecentHistogram(0);
    histogram.record(7, 0);
    assert.deepEqual(histogram.quantiles([0.5], ageMs), [expected]);
    assert.equal(histogram.count, 1);
  });
}

test('windows follow each other', () => {
  const histogram = new RecentHistogram(0);
  histogram.record(1, 0);
  histogram.record(2, 60_000);
  assert.deepEqual(histogram.quantiles([0, 1], 60_000), [1, 2]);
  assert.deepEqual(histogram.quantiles([0, 1], 120_000), [2, 2]);
  assert.deepEqual(histogram.quantiles([0, 1], 180_000), [Number.NaN, Number.NaN]);
});
