import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Errors } from '../../../src/model/error_codes.ts';
import { Failure } from '../../../src/model/failure.ts';
import { MAX_NOTIFICATIONS_OF_SINK } from '../../../src/model/limits.ts';
import { Sink } from '../../../src/monitor/alerts/sink.ts';
import { SimulatedClock } from '../../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../../src/simulation/simulated_time.ts';

let time: SimulatedTime;
let clock: SimulatedClock;
let sink: Sink;
/** What was sent, with when. */
let attempts: [atMs: number, message: string][];
let isDead: boolean;

beforeEach(() => {
  time = new SimulatedTime();
  clock = new SimulatedClock(time);
  sink = new Sink({ name: 'test', clock });
  attempts = [];
  isDead = false;
});

const send = (key: string, message: string) =>
  sink.send(key, async () => {
    attempts.push([clock.monotonicMs(), message]);
    return isDead ? new Failure(Errors.NETWORK_EXCEPTION, 'no answer') : undefined;
  });

test('messages are sent at once, in their order', async () => {
  send('a', 'a1');
  send('b', 'b1');
  await time.advance(0);
  assert.deepEqual(attempts, [
    [0, 'a1'],
    [0, 'b1'],
  ]);
  assert.deepEqual(sink.status, { name: 'test', sent: 2, failed: 0, waiting: 0, failure: undefined });
});

test('what is not taken is sent again, later each time, and is told of', async () => {
  isDead = true;
  send('a', 'a1');
  await time.advance(130_000);
  assert.deepEqual(
    attempts.map(([atMs]) => atMs),
    [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000],
  );
  assert.equal(sink.status.failure, 'no answer');
  assert.equal(sink.status.waiting, 1);
  isDead = false;
  await time.advance(60_000);
  assert.equal(sink.status.failure, undefined);
  assert.equal(sink.status.sent, 1);
  assert.equal(sink.status.waiting, 0);
});

test('a newer message takes the place of one that waits', async () => {
  isDead = true;
  send('a', 'a1');
  await time.advance(0);
  send('a', 'a2');
  isDead = false;
  await time.advance(1000);
  assert.deepEqual(
    attempts.map(([, message]) => message),
    ['a1', 'a2'],
  );
});

test('it is waited for while it works, and not when it is dead', async () => {
  isDead = true;
  send('a', 'a1');
  await time.advance(0);
  assert.equal(sink.isWaitingFor('a'), true);
  assert.equal(sink.isWaitingFor('b'), false);
  await time.advance(3000);
  assert.equal(sink.isWaitingFor('a'), false);
});

test('so many messages wait, and the oldest goes', async () => {
  isDead = true;
  for (let index = 0; index <= MAX_NOTIFICATIONS_OF_SINK; index++) send(`key${index}`, `m${index}`);
  await time.advance(0);
  assert.equal(sink.status.waiting, MAX_NOTIFICATIONS_OF_SINK);
});

test('nothing is sent after the end', async () => {
  isDead = true;
  send('a', 'a1');
  await time.advance(0);
  sink.close();
  send('b', 'b1');
  await time.advance(100_000);
  assert.equal(attempts.length, 1);
});
