import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NodeClock } from '../../src/io/node_clock.ts';

test('the wall clock is whole, the monotonic one goes on', () => {
  const clock = new NodeClock();
  assert.ok(Number.isInteger(clock.nowMs()));
  assert.ok(Math.abs(clock.nowMs() - Date.now()) < 1_000);
  const first = clock.monotonicMs();
  assert.ok(clock.monotonicMs() >= first);
});

test('a timer fires once its time is over, never at once and never early', async () => {
  const clock = new NodeClock();
  for (const delayMs of [0, 0.2, 1, 2.5, 3]) {
    const startedMs = clock.monotonicMs();
    let isSynchronous = true;
    await new Promise<void>(resolve => {
      clock.startTimer(delayMs, () => {
        assert.equal(isSynchronous, false);
        resolve();
      });
      isSynchronous = false;
    });
    assert.ok(clock.monotonicMs() >= startedMs + delayMs, `${delayMs} ms`);
  }
});

test('a cancelled timer does not fire', async () => {
  const clock = new NodeClock();
  const timer = clock.startTimer(0, () => assert.fail('cancelled'));
  timer.cancel();
  await new Promise<void>(resolve => clock.startTimer(2, resolve));
  timer.cancel();
});

test('timers of months are kept, although Node knows only weeks', () => {
  const days = 24 * 3_600_000;
  let nowMs = 0;
  const waiting: { atMs: number; callback: () => void }[] = [];
  const now = mock.method(performance, 'now', () => nowMs);
  const timeouts = mock.method(globalThis, 'setTimeout', (callback: () => void, delayMs: number) => {
    // What Node does with more than it can count.
    waiting.push({ atMs: nowMs + (delayMs > 2 ** 31 - 1 ? 1 : delayMs), callback });
  });
  let firedMs = 0;
  try {
    new NodeClock().startTimer(90 * days, () => {
      firedMs = nowMs;
    });
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      nowMs = next.atMs;
      next.callback();
    }
  } finally {
    now.mock.restore();
    timeouts.mock.restore();
  }
  assert.equal(firedMs, 90 * days);
  assert.equal(timeouts.mock.callCount(), 4);
});
