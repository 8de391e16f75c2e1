import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampledRate } from '../../../src/handlers/quotas/sampled_rate.ts';

const WINDOW = { samples: 11, sampleMs: 1000 };

test('a window that fills up counts as if it were ten samples long', () => {
  const rate = new SampledRate(WINDOW);
  rate.record(10_000, 0);
  assert.equal(rate.excessMs(1000, 0), 0);
  rate.record(5_000, 0);
  // 1500 a second over 10 s, where 1000 is allowed: half as much again as the window.
  assert.equal(rate.excessMs(1000, 0), 5000);
});

test('what is above the bound is paid back by waiting as long as was said', () => {
  const rate = new SampledRate(WINDOW);
  rate.record(20_000, 0);
  const waitMs = rate.excessMs(1000, 0);
  assert.equal(waitMs, 10_000);
  assert.ok(rate.excessMs(1000, waitMs - 100) > 0);
  assert.equal(rate.excessMs(1000, 11_000), 0);
});

test('samples fall out of the window as it moves', () => {
  const rate = new SampledRate(WINDOW);
  for (let second = 0; second < 30; second++) {
    rate.record(1500, second * 1000);
    if (second > 11) assert.ok(rate.excessMs(1000, second * 1000) > 0, `second ${second}`);
    assert.equal(rate.excessMs(1700, second * 1000), 0, `second ${second}`);
  }
  assert.equal(rate.excessMs(1, 60_000), 0);
});

test('what did not happen is not counted', () => {
  const rate = new SampledRate(WINDOW);
  rate.record(20_000, 0);
  rate.unrecord(20_000);
  assert.equal(rate.excessMs(1, 0), 0);
});
