import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';
import { append, batchOf, from, LogWorld, markerOf, NOW, ok, refused, shown } from '../support/log_world.ts';

const SMALL = { segmentBytes: 600, indexIntervalBytes: 100 };

async function filled(world: LogWorld, count = 20): Promise<PartitionLog> {
  const log = await world.open({ config: SMALL });
  for (let index = 0; index < count; index++) {
    const options = { valueBytes: 80, timestamp: NOW + BigInt(index), ...from(4n, index) };
    append(log, batchOf('a', options), asLeaderEpoch(Math.floor(index / 5)));
    await world.durable(log);
  }
  return log;
}

async function cut(world: LogWorld, log: PartitionLog, offset: bigint): Promise<void> {
  ok(await world.run(log.truncateTo(asOffset(offset))));
}

test('a log that is truncated anywhere ends there, with all that is made of it', async () => {
  for (const tailCacheBytes of [0, 1_000_000]) {
    for (let at = 0n; at <= 20n; at++) {
      const world = new LogWorld({ tailCacheBytes });
      let log = await filled(world);
      const before = shown(await world.batches(log));
      log.setHighWatermark(log.endOffset);
      await cut(world, log, at);
      const check = async () => {
        assert.deepEqual([log.endOffset, log.durableOffset], [at, at]);
        assert.deepEqual(shown(await world.batches(log)), before.slice(0, Number(at)));
        const epochs = [0n, 5n, 10n, 15n].filter(start => start < at);
        assert.deepEqual(
          log.leaderEpochs.map(entry => entry.startOffset),
          epochs,
        );
        const largest = ok(await world.run(log.maxTimestamp()));
        assert.equal(largest?.timestamp, at === 0n ? undefined : NOW + at - 1n);
        // The next sequence of the producer is that after its last batch that is left.
        const sequences = [...log.producers].map(({ batches }) => batches.at(-1)?.lastSequence);
        assert.deepEqual(sequences, at === 0n ? [] : [Number(at) - 1]);
      };
      await check();
      assert.equal(log.highWatermark, at);
      world.crash();
      log = await world.open({ config: SMALL });
      await world.durable(log);
      await check();
      append(log, batchOf('new', { valueBytes: 80, ...from(4n, Number(at)) }), asLeaderEpoch(9));
      await world.durable(log);
      assert.deepEqual(shown(await world.batches(log)).slice(0, Number(at)), before.slice(0, Number(at)));
      assert.equal(log.leaderEpochAt(asOffset(at)), 9);
    }
  }
});

test('truncating behind the end only drops epochs without records', async () => {
  const world = new LogWorld();
  const log = await filled(world);
  log.beginLeaderEpoch(asLeaderEpoch(8));
  assert.equal(log.latestLeaderEpoch, 8);
  await cut(world, log, 30n);
  assert.deepEqual([log.endOffset, log.latestLeaderEpoch], [20n, 3]);
});

test('truncating inside of a batch ends the log where that began', async () => {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('a', { count: 5 }));
  append(log, batchOf('b', { count: 5 }));
  await cut(world, log, 7n);
  assert.equal(log.endOffset, 5n);
});

test('the stored recovery point is lowered before anything is cut', async () => {
  const world = new LogWorld();
  let log = await filled(world);
  world.recoveryPoint = ok(await world.run(log.close()));
  world.kill();
  const seen: unknown[] = [];
  log = await world.open({
    config: SMALL,
    isClean: true,
    owner: {
      diskFailed: () => {},
      lowerRecoveryPoint: async offset => {
        seen.push(offset, world.names().filter(name => name.endsWith('.log')).length);
      },
    },
  });
  const segments = log.segmentCount;
  await cut(world, log, 3n);
  assert.deepEqual(seen, [3n, segments]);
  assert.equal(log.recoveryPoint, 3n);
});

test('a log can be emptied and start elsewhere', async () => {
  for (const offset of [0n, 7n, 1000n]) {
    const world = new LogWorld();
    let log = await filled(world);
    ok(await world.run(log.truncateFullyAndStartAt(asOffset(offset))));
    assert.deepEqual(
      [log.logStartOffset, log.endOffset, log.highWatermark, log.durableOffset, log.producerCount],
      [offset, offset, offset, offset, 0],
    );
    append(log, batchOf('new'));
    await world.durable(log);
    world.crash();
    log = await world.open({ config: SMALL });
    assert.deepEqual([log.logStartOffset, log.endOffset], [offset, offset + 1n]);
    assert.match(shown(await world.batches(log))[0]!, /new/);
  }
});

test('who waits for records that are truncated is told that they are gone', async () => {
  const world = new LogWorld({ syncMs: 50 });
  const log = await world.open();
  append(log, batchOf('a'));
  await world.durable(log);
  append(log, batchOf('b'));
  append(log, batchOf('c'));
  const waits = [log.awaitDurable(asOffset(2n)), log.awaitDurable(asOffset(3n))];
  await cut(world, log, 2n);
  const [second, third] = await world.run(Promise.all(waits));
  assert.equal(second, undefined);
  assert.equal(ERROR_NAMES.get(third!.code), 'NOT_LEADER_OR_FOLLOWER');
});

test('while a log is truncated it is not read, and what was being read is read again', async () => {
  const world = new LogWorld({ tailCacheBytes: 0, readMs: 3 });
  const log = await filled(world);
  const bounds = { maxBytes: 100_000, upTo: log.endOffset, minOneBatch: true };
  const before = log.read(asOffset(15n), bounds);
  const truncation = log.truncateTo(asOffset(5n));
  const during = refused(log.read(asOffset(0n), bounds));
  assert.equal(ERROR_NAMES.get(during.code), 'REPLICA_NOT_AVAILABLE');
  const [read, cut] = await world.run(Promise.all([before, truncation]));
  ok(cut);
  assert.ok(failed(read), 'offset 15 is gone');
  assert.throws(() => {
    void log.truncateTo(asOffset(4n));
    append(log, batchOf('a'));
  }, /while it is truncated/);
});

test('transactions that were cut off are open again', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: SMALL });
  append(log, batchOf('t', { isTransactional: true, ...from(1n, 0) }));
  append(log, batchOf('n'));
  ok(log.appendAsLeader(markerOf('ABORT', 1n), { leaderEpoch: asLeaderEpoch(3), origin: 'coordinator' }));
  log.setHighWatermark(log.endOffset);
  assert.equal(log.lastStableOffset, 3n);
  assert.equal(ok(await world.run(log.abortedTransactions(asOffset(0n), asOffset(3n)))).length, 1);
  await cut(world, log, 2n);
  log.setHighWatermark(log.endOffset);
  assert.equal(log.lastStableOffset, 0n);
  assert.equal(ok(await world.run(log.abortedTransactions(asOffset(0n), asOffset(3n)))).length, 0);
});
