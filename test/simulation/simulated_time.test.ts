import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock, WORLD_START_MS } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

test('events run by their time, at the same time by their creation', async () => {
  const time = new SimulatedTime();
  const seen: string[] = [];
  time.schedule(5, () => seen.push(`late at ${time.nowMs}`));
  time.schedule(2, () => {
    seen.push(`first at ${time.nowMs}`);
    time.schedule(0, () => seen.push('set off by the first'));
  });
  time.schedule(2, () => seen.push('second'));
  time.schedule(7, () => seen.push('too late'));
  assert.equal(time.nextEventMs, 2);
  await time.advance(6);
  assert.deepEqual(seen, ['first at 2', 'second', 'set off by the first', 'late at 5']);
  assert.equal(time.nowMs, 6);
  assert.equal(time.nextEventMs, 7);
  assert.equal(time.pendingCount, 1);
  await time.advance(1);
  assert.equal(seen.at(-1), 'too late');
  assert.equal(time.nextEventMs, undefined);
});

test('what an event sets off through promises ends before the next event', async () => {
  const time = new SimulatedTime();
  const seen: string[] = [];
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
    seen.push('chain');
    await new Promise<void>(resolve => queueMicrotask(resolve));
    seen.push('end of chain');
  };
  time.schedule(1, () => void chain());
  time.schedule(1, () => seen.push('next event'));
  await time.advance(1);
  assert.deepEqual(seen, ['chain', 'end of chain', 'next event']);
});

test('any order of timers comes out sorted, without those cancelled', async () => {
  const random = new SeededRandom(7);
  const time = new SimulatedTime();
  const seen: number[] = [];
  const timers = Array.from({ length: 20_000 }, () => {
    const delayMs = random.below(500);
    return { delayMs, timer: time.schedule(delayMs, () => seen.push(delayMs)) };
  });
  const kept = timers.filter(({ timer }) => {
    const isCancelled = random.chance(0.8);
    if (isCancelled) {
      timer.cancel();
      timer.cancel();
    }
    return !isCancelled;
  });
  assert.equal(time.pendingCount, kept.length);
  await time.advance(500);
  assert.deepEqual(
    seen,
    kept.map(({ delayMs }) => delayMs).sort((left, right) => left - right),
  );
  assert.equal(time.pendingCount, 0);
  assert.equal(time.executedCount, kept.length);
});

test('running until a condition holds, or a promise is settled', async () => {
  const time = new SimulatedTime();
  let count = 0;
  const tick = (): void => {
    count++;
    time.schedule(10, tick);
  };
  tick();
  await time.runUntil(() => count === 5);
  assert.equal(time.nowMs, 40);
  const answer = new Promise<number>(resolve => time.schedule(25, () => resolve(42)));
  assert.equal(await time.run(answer), 42);
  assert.equal(time.nowMs, 65);
  await assert.rejects(time.run(Promise.reject(new Error('no'))), /^Error: no$/);
  await assert.rejects(
    time.runUntil(() => false, { limitMs: 100 }),
    /did not come to hold within 100/,
  );
});

test('a condition that nothing can bring about is told from one that takes long', async () => {
  const time = new SimulatedTime();
  await assert.rejects(
    time.runUntil(() => false),
    /no event is left/,
  );
});

test('an exception in an event reaches whoever runs the time', async () => {
  const time = new SimulatedTime();
  time.schedule(1, () => {
    throw new Error('broken');
  });
  await assert.rejects(time.advance(2), /broken/);
  await time.advance(2);
  assert.equal(time.nowMs, 3);
});

test('a circle of events without delay is found', async () => {
  const time = new SimulatedTime();
  const circle = (): unknown => time.schedule(0, circle);
  circle();
  await assert.rejects(time.advance(1), /stuck at 0 ms/);
});

test('wall clocks jump, the monotonic one and timers do not', async () => {
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const skewed = new SimulatedClock(time, { wallStartMs: WORLD_START_MS - 5_000 });
  let fired = 0;
  clock.startTimer(10, () => fired++);
  await time.advance(1.5);
  assert.equal(clock.nowMs(), WORLD_START_MS + 1);
  assert.equal(clock.monotonicMs(), 1.5);
  assert.equal(skewed.nowMs(), WORLD_START_MS - 4_999);
  clock.jumpWall(-3_600_000);
  await time.advance(1);
  assert.equal(clock.nowMs(), WORLD_START_MS + 2 - 3_600_000);
  assert.equal(clock.monotonicMs(), 2.5);
  assert.equal(fired, 0);
  await time.advance(7.5);
  assert.equal(fired, 1);
});

test('timers can be cancelled, and never fire at once', async () => {
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const seen: string[] = [];
  clock.startTimer(0, () => seen.push('zero'));
  assert.equal(seen.length, 0);
  const cancelled = clock.startTimer(0, () => seen.push('cancelled'));
  cancelled.cancel();
  await time.advance(0);
  cancelled.cancel();
  assert.deepEqual(seen, ['zero']);
});

test('a paused process does what came due after it resumes, in order', async () => {
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const seen: string[] = [];
  const log = (what: string) => () => seen.push(`${what} at ${time.nowMs}`);
  clock.startTimer(1, log('one'));
  clock.startTimer(2, log('two'));
  const held = clock.startTimer(3, log('cancelled while held'));
  clock.startTimer(20, log('later'));
  clock.pause();
  await time.advance(10);
  assert.deepEqual(seen, []);
  held.cancel();
  clock.resume();
  await time.advance(0);
  assert.deepEqual(seen, ['one at 10', 'two at 10']);
  await time.advance(10);
  assert.equal(seen.at(-1), 'later at 20');
});

test('a dead process does nothing more', async () => {
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const fail = (): void => assert.fail('called after death');
  clock.startTimer(1, fail);
  clock.pause();
  await time.advance(2);
  clock.startTimer(1, fail);
  clock.stop();
  clock.resume();
  clock.startTimer(1, fail);
  clock.deliver(fail);
  await time.advance(10);
  assert.equal(time.pendingCount, 0);
});
