import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { asOffset } from '../../src/model/ids.ts';
import { append, batchOf, LogWorld, NOW, ok, refused, shown } from '../support/log_world.ts';

const SMALL = { segmentBytes: 500, indexIntervalBytes: 100, fileDeleteDelayMs: 1000, retentionMs: -1 };

/** A log of segments of three batches, all below the high watermark. */
async function filled(world: LogWorld, count: number, config = {}): Promise<PartitionLog> {
  const log = await world.open({ config: { ...SMALL, ...config } });
  for (let index = 0; index < count; index++) {
    append(log, batchOf('a', { valueBytes: 80, timestamp: NOW + BigInt(index * 1000) }));
    await world.durable(log);
  }
  log.setHighWatermark(log.endOffset);
  return log;
}

const remove = async (world: LogWorld, log: PartitionLog): Promise<number> =>
  ok(await world.run(log.deleteOldSegments()));

test('segments go whose latest record is older than retention.ms', async () => {
  const world = new LogWorld();
  const log = await filled(world, 12, { retentionMs: 60_000 });
  assert.equal(log.segmentCount, 4);
  assert.equal(await remove(world, log), 0);
  // The last record of the first segment is two seconds younger than the log.
  await world.time.advance(62_000 - world.time.nowMs);
  assert.equal(await remove(world, log), 0);
  await world.time.advance(1);
  assert.equal(await remove(world, log), 1);
  assert.deepEqual([log.logStartOffset, log.segmentCount], [3n, 3]);
  await world.time.advance(100_000);
  assert.equal(await remove(world, log), 3);
  assert.deepEqual([log.logStartOffset, log.endOffset, log.segmentCount], [12n, 12n, 1]);
  assert.equal(append(log, batchOf('b')).firstOffset, 12n);
});

test('a segment without timestamps is as old as its file', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { ...SMALL, retentionMs: 5000 } });
  for (let index = 0; index < 4; index++) {
    append(log, batchOf('a', { valueBytes: 80, timestamp: -1n }));
    await world.durable(log);
  }
  log.setHighWatermark(log.endOffset);
  await world.time.advance(4000);
  assert.equal(await remove(world, log), 0);
  await world.time.advance(1100);
  assert.equal(await remove(world, log), 2);
});

test('what is above retention.bytes goes, whole segments at a time', async () => {
  const world = new LogWorld();
  const log = await filled(world, 12);
  const segment = log.sizeBytes / 4;
  for (const [retentionBytes, left] of [
    [4 * segment, 4],
    [3 * segment + 1, 4],
    [3 * segment, 3],
    [segment - 1, 1],
    [0, 1],
  ] as const) {
    log.updateConfig({ ...log.config, retentionBytes });
    await remove(world, log);
    assert.equal(log.segmentCount, left, `retention.bytes ${retentionBytes}`);
  }
  assert.deepEqual([log.logStartOffset, log.endOffset], [12n, 12n]);
});

test('nothing at or above the high watermark goes, and only deletion deletes', async () => {
  const world = new LogWorld();
  const log = await filled(world, 12, { retentionBytes: 0 });
  const held = await world.open({ directory: '/data/held-0', config: { ...SMALL, retentionBytes: 0 } });
  for (let index = 0; index < 12; index++) {
    append(held, batchOf('a', { valueBytes: 80 }));
    await world.durable(held);
  }
  held.setHighWatermark(asOffset(4n));
  assert.equal(await remove(world, held), 1);
  assert.deepEqual([held.logStartOffset, held.segmentCount], [3n, 3]);
  log.updateConfig({ ...log.config, cleanupPolicy: { compact: true, delete: false } });
  assert.equal(await remove(world, log), 0);
  assert.equal(log.segmentCount, 4);
});

test('records can be deleted up to the high watermark; their segments go with the next run', async () => {
  const world = new LogWorld();
  const log = await filled(world, 12);
  log.updateConfig({ ...log.config, cleanupPolicy: { compact: true, delete: false } });
  assert.equal(log.incrementLogStartOffset(asOffset(7n)), undefined);
  assert.equal(log.incrementLogStartOffset(asOffset(5n)), undefined);
  assert.equal(log.logStartOffset, 7n);
  const below = refused(log.read(asOffset(6n), { maxBytes: 1000, upTo: log.endOffset, minOneBatch: true }));
  assert.equal(ERROR_NAMES.get(below.code), 'OFFSET_OUT_OF_RANGE');
  assert.equal((await world.batches(log)).length, 5);
  assert.equal(await remove(world, log), 2);
  assert.equal(log.segmentCount, 2);
  const above = refused(log.incrementLogStartOffset(asOffset(13n)));
  assert.equal(ERROR_NAMES.get(above.code), 'OFFSET_OUT_OF_RANGE');
  assert.deepEqual(
    log.leaderEpochs.map(entry => entry.startOffset),
    [7n],
  );
});

test('the files of a deleted segment stay for a while, for reads under way', async () => {
  const world = new LogWorld({ tailCacheBytes: 0, readMs: 500 });
  const log = await filled(world, 9, { retentionBytes: 0 });
  const read = log.read(asOffset(0n), { maxBytes: 1000, upTo: log.endOffset, minOneBatch: true });
  assert.ok(read instanceof Promise);
  const [result] = await world.run(Promise.all([read, log.deleteOldSegments()]));
  assert.equal(ok(result).nextOffset, 3n);
  const deleted = () => world.names().filter(name => name.endsWith('.deleted')).length;
  assert.ok(deleted() >= 9);
  await world.time.advance(1000);
  assert.equal(deleted(), 0);
  assert.equal(world.diskErrors.length, 0);
});

test('a closed log leaves no deleted files behind', async () => {
  const world = new LogWorld();
  const log = await filled(world, 9, { retentionBytes: 0 });
  await remove(world, log);
  ok(await world.run(log.close()));
  assert.ok(!world.names().some(name => name.endsWith('.deleted')));
  assert.ok(world.names().includes('00000000000000000009.log'));
});

test('a log that was emptied goes on where it was, after a restart too', async () => {
  const world = new LogWorld();
  let log = await filled(world, 9, { retentionBytes: 0 });
  await remove(world, log);
  log = await world.reopen(log, { logStartOffset: asOffset(9n) });
  assert.deepEqual([log.logStartOffset, log.highWatermark, log.endOffset], [9n, 9n, 9n]);
  append(log, batchOf('a'));
  assert.deepEqual(shown(await world.batches(log)).length, 1);
});
