import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptSeries } from '../../src/monitor/kept_series.ts';

test('the last samples stay, in their order, and a hole where nothing was set', () => {
  const series = new KeptSeries(['a', 'b'], 10, 3);
  for (const value of [1, 2, undefined, 4]) {
    series.advance();
    if (value !== undefined) series.set('x', { a: value, b: -value });
  }
  assert.deepEqual(series.read('x', 3), { a: [2, null, 4], b: [-2, null, -4] });
  assert.deepEqual(series.read('never', 2), { a: [null, null], b: [null, null] });
});

test('those that had nothing can be given zeros', () => {
  const series = new KeptSeries(['a'], 10, 3);
  series.advance();
  series.set('x', { a: 5 });
  series.set('y', { a: 5 });
  series.advance();
  series.set('y', { a: 6 });
  series.fillZeros();
  assert.deepEqual(
    [series.read('x', 2).a, series.read('y', 2).a],
    [
      [5, 0],
      [5, 6],
    ],
  );
});

test('what has most takes the place of what had least lately, and less does not', () => {
  const series = new KeptSeries(['a'], 2, 10);
  series.advance();
  series.set('much', { a: 100 });
  series.set('little', { a: 1 });
  series.set('less', { a: 0.5 });
  assert.deepEqual([...series.keys()], ['much', 'little']);
  series.set('more', { a: 50 });
  assert.deepEqual([...series.keys()], ['much', 'more']);
  // By and by what is long over weighs nothing any more.
  for (let samples = 0; samples < 200; samples++) {
    series.advance();
    series.set('more', { a: 50 });
  }
  series.set('little', { a: 1 });
  assert.deepEqual([...series.keys()], ['more', 'little']);
  assert.deepEqual(series.greatest(1), ['more']);
});
