import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../src/client/log_bounds.ts';
import { asOffset } from '../../src/model/ids.ts';

test('what is outside of a log is its nearer end', () => {
  const bounds = { earliest: asOffset(5n), latest: asOffset(9n) };
  const cases = [
    [-1n, 5n],
    [5n, 5n],
    [7n, 7n],
    [9n, 9n],
    [2n ** 62n, 9n],
  ] as const;
  for (const [wanted, offset] of cases) assert.equal(within(wanted, bounds), offset);
});
