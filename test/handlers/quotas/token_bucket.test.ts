import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../../src/handlers/quotas/token_bucket.ts';

test('a burst is free, a debt takes time, and no more than the burst is saved', () => {
  const bucket = new TokenBucket(10, 0);
  bucket.take(10);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 0 }), 0);
  bucket.take(4);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 0 }), 2000);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 1500 }), 500);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 2000 }), 0);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 100_000 }), 0);
  bucket.take(12);
  assert.equal(bucket.debtMs(2, { burst: 10, nowMs: 100_000 }), 1000);
});
