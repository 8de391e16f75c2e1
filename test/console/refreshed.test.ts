import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refreshed } from '../../src/console/refreshed.ts';
import { Refusal } from '../../src/console/refusal.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const AGES = { freshMs: 10, usableMs: 100 };

test('it is asked for once for all who want it, and given while it is fresh', async () => {
  const time = new SimulatedTime();
  let asked = 0;
  const value = new Refreshed(new SimulatedClock(time), async () => ++asked, AGES);
  assert.equal(value.peek(), undefined);
  assert.deepEqual(await Promise.all([value.get(), value.get()]), [1, 1]);
  assert.equal(await value.get(), 1);
  await time.advance(20);
  assert.equal(await value.get(), 1, 'what is old is given while it is asked for anew');
  assert.equal(await value.get(), 2);
  await time.advance(200);
  assert.equal(await value.get(), 3, 'what is too old is waited for');
});

test('a failure is told, and does not take the place of what was known', async () => {
  const time = new SimulatedTime();
  let answer: number | Failure = 1;
  const value = new Refreshed(new SimulatedClock(time), async () => answer, AGES);
  await value.get();
  answer = new Failure(Errors.REQUEST_TIMED_OUT, 'late');
  await time.advance(20);
  assert.equal(await value.get(), 1);
  assert.equal(value.peek(), 1);
  await time.advance(200);
  assert.equal(await value.get(), answer);
});

test('that the node ends meanwhile disturbs nobody', async () => {
  const load = async (): Promise<number> => {
    throw new Refusal(503, 'The node is shutting down');
  };
  const value = new Refreshed(new SimulatedClock(new SimulatedTime()), load, AGES);
  assert.equal(value.peek(), undefined);
  const result = await value.get();
  assert.ok(failed(result) && result.message === 'The node is shutting down');
});
