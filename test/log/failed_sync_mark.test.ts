import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { append, batchOf, EPOCH, LogWorld } from '../support/log_world.ts';

const MARK = '.failed-sync';
const SEGMENTS = { segmentBytes: 40_000, indexIntervalBytes: 300 };

/** A log with records that a sync could not bring to the disk; the process has ended, the machine has not. */
async function failedAtItsEnd(seed: number): Promise<{ world: LogWorld; endOffset: bigint }> {
  const world = new LogWorld({ seed });
  const log = await world.open({ config: SEGMENTS });
  for (let index = 0; index < 20; index++) append(log, batchOf(`early ${index}`, { valueBytes: 150 }));
  await world.durable(log);
  world.device.faults = ({ kind, path }) =>
    kind === 'sync' && path.endsWith('.log') ? { code: 'EIO' } : undefined;
  // In one go: what is written while a sync runs would be left for the next one.
  append(log, batchOf('late', { count: 30, valueBytes: 1_000 }));
  assert.ok(failed(await world.run(log.awaitDurable(log.endOffset))));
  world.device.faults = undefined;
  assert.ok(world.names().includes(MARK));
  const { endOffset } = log;
  world.kill();
  return { world, endOffset };
}

test('what a failed sync left in the cache alone is on the disk once it counts as durable', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, endOffset } = await failedAtItsEnd(seed);
    const again = await world.open({ config: SEGMENTS });
    // The system's cache has everything still.
    assert.equal(again.endOffset, endOffset);
    await world.durable(again);
    await world.time.advance(100);
    assert.ok(!world.names().includes(MARK));
    world.crash();
    const afterwards = await world.open({ config: SEGMENTS });
    assert.equal(afterwards.endOffset, endOffset, `seed ${seed}`);
    assert.equal((await world.batches(afterwards)).length, 21);
  }
});

test('the mark stays until the log is on the disk', async () => {
  const { world, endOffset } = await failedAtItsEnd(1);
  world.device.faults = ({ kind, path }) =>
    kind === 'sync' && path.endsWith('.log') ? { code: 'EIO' } : undefined;
  await world.tryOpen({ config: SEGMENTS });
  await world.time.advance(100);
  world.device.faults = undefined;
  assert.ok(world.names().includes(MARK));
  world.kill();
  const log = await world.open({ config: SEGMENTS });
  await world.durable(log);
  await world.time.advance(100);
  world.crash();
  assert.equal((await world.open({ config: SEGMENTS })).endOffset, endOffset);
});

test('a mark that the disk does not take changes nothing', async () => {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('kept'));
  await world.durable(log);
  world.device.faults = () => ({ code: 'EIO' });
  const refused = log.appendAsLeader(batchOf('more'), { leaderEpoch: EPOCH, origin: 'client' });
  assert.ok(failed(refused));
  await world.time.advance(100);
  assert.equal(world.diskErrors.length, 1);
  world.device.faults = undefined;
  assert.ok(!world.names().includes(MARK));
});

test('a sync that is under way when the disk fails elsewhere may fail unheard', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = new LogWorld({ seed });
    const log = await world.open({ config: SEGMENTS });
    await world.durable(log);
    let begun = 0;
    world.device.faults = ({ kind, path }) => {
      if (kind !== 'sync' || !path.endsWith('.log')) return undefined;
      begun++;
      return { code: 'EIO' };
    };
    append(log, batchOf('late', { count: 30, valueBytes: 1_000 }));
    while (begun === 0) await Promise.resolve();
    log.directoryFailed(new Failure(Errors.KAFKA_STORAGE_ERROR, 'The disk failed under another log'));
    const { endOffset } = log;
    world.kill();
    await world.time.advance(100);
    world.device.faults = undefined;
    const again = await world.open({ config: SEGMENTS });
    assert.equal(again.endOffset, endOffset);
    await world.durable(again);
    world.crash();
    assert.equal((await world.open({ config: SEGMENTS })).endOffset, endOffset, `seed ${seed}`);
  }
});
