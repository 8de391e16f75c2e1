import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogConfig } from '../../../src/log/log_config.ts';
import type { PartitionLog } from '../../../src/log/partition_log.ts';
import { asOffset } from '../../../src/model/ids.ts';
import { buildBatch } from '../../../src/records/build_batch.ts';
import { readRecords } from '../../../src/records/read_records.ts';
import { DirectoriesWorld } from '../../support/directories_world.ts';
import { append, ok } from '../../support/log_world.ts';

const BACKOFF_MS = 15_000;
const COMPACT: Partial<LogConfig> = { cleanupPolicy: { delete: false, compact: true } };
const CHECKPOINT = '/data/cleaner-offset-checkpoint';

function write(log: PartitionLog, key: string, value: string): void {
  append(log, buildBatch([{ timestamp: 0n, key: Buffer.from(key), value: Buffer.from(value) }]).buffer);
}

/** Fills a segment with values of one key, and closes it. */
async function fill(world: DirectoriesWorld, log: PartitionLog, count = 10): Promise<void> {
  for (let at = 0; at < count; at++) write(log, 'a', `${at}`);
  await world.durable(log);
  log.roll();
  await world.run(log.checkpoint());
  log.setHighWatermark(log.endOffset);
}

async function values(world: DirectoriesWorld, log: PartitionLog): Promise<number> {
  const batches = await world.batches(log);
  return batches.flatMap(batch => ok(readRecords(batch, 1_000))).length;
}

function start(properties: Readonly<Record<string, string>> = {}): DirectoriesWorld {
  return new DirectoriesWorld({ 'log.dirs': '/data', ...properties }, { tailCacheBytes: 0 });
}

test('logs of compacted topics are compacted in the background, others are not', async () => {
  const world = start();
  await world.start();
  const compacted = await world.log({}, COMPACT);
  const kept = await world.log({ topic: 'kept', topicId: 'T0000000000000000000CA' as never });
  for (const log of [compacted, kept]) await fill(world, log);
  await world.time.advance(BACKOFF_MS - 1_000);
  assert.equal(await values(world, compacted), 10);
  await world.time.advance(2_000);
  assert.equal(await values(world, compacted), 1);
  assert.equal(await values(world, kept), 10);
  assert.match(world.text(CHECKPOINT), /^0\n1\nevents 0 10\n$/);
});

test('a log is compacted again when enough of it is new', async () => {
  const world = start();
  await world.start();
  const log = await world.log({}, { ...COMPACT, minCleanableDirtyRatio: 0.5 });
  // Different keys: nothing goes by the first compaction.
  for (let key = 0; key < 100; key++) write(log, `key ${key}`, '1');
  await fill(world, log, 1);
  await world.time.advance(2 * BACKOFF_MS);
  await fill(world, log, 20);
  await world.time.advance(2 * BACKOFF_MS);
  assert.equal(await values(world, log), 121, 'too little is new');
  await fill(world, log, 200);
  await world.time.advance(2 * BACKOFF_MS);
  assert.equal(await values(world, log), 101);
});

test('a log with a record above max.compaction.lag.ms is compacted however little is new', async () => {
  const world = start();
  await world.start();
  const log = await world.log({}, { ...COMPACT, minCleanableDirtyRatio: 1, maxCompactionLagMs: 60_000 });
  const now = () => BigInt(world.clock.nowMs());
  for (const value of ['1', '2']) {
    const record = { timestamp: now(), key: Buffer.from('a'), value: Buffer.from(value) };
    append(log, buildBatch([record]).buffer);
  }
  await world.durable(log);
  log.roll();
  await world.run(log.checkpoint());
  log.setHighWatermark(log.endOffset);
  await world.time.advance(45_000);
  assert.equal(await values(world, log), 2);
  await world.time.advance(45_000);
  assert.equal(await values(world, log), 1);
});

test('the next process goes on where this one was', async () => {
  const world = start();
  const directories = await world.start();
  const log = await world.log({}, COMPACT);
  await fill(world, log);
  await world.time.advance(2 * BACKOFF_MS);
  await world.run(directories.close({ brokerEpoch: 1n as never }));
  world.kill();
  await world.start();
  const again = await world.log({}, { ...COMPACT, minCleanableDirtyRatio: 0 });
  again.setHighWatermark(again.endOffset);
  const before = world.logger.lines.filter(({ message }) => message === 'compacted a log').length;
  await world.time.advance(2 * BACKOFF_MS);
  const after = world.logger.lines.filter(({ message }) => message === 'compacted a log').length;
  assert.equal(after, before, 'nothing is new');
  assert.equal(await values(world, again), 1);
});

test('a log that is cut forgets up to where it was compacted', async () => {
  const world = start();
  await world.start();
  const log = await world.log({}, COMPACT);
  await fill(world, log);
  await world.time.advance(2 * BACKOFF_MS);
  ok((await world.run(log.truncateTo(asOffset(5n)))) ?? true);
  assert.match(world.text(CHECKPOINT), /^0\n1\nevents 0 5\n$/);
});

test('a log that can not be read is left alone, and the others are compacted', async () => {
  const world = start();
  await world.start();
  const [bad, good] = await world.logs(2, COMPACT);
  for (const log of [bad!, good!]) await fill(world, log, 10);
  await fill(world, bad!, 10);
  const path = '/data/events-0/00000000000000000000.log';
  const file = world.disk.open(path, 'write');
  const bytes = file.readNow(0, file.sizeBytes);
  bytes[bytes.length - 1]! ^= 1;
  file.write(0, [bytes]);
  file.close();
  await world.time.advance(4 * BACKOFF_MS);
  assert.equal(await values(world, good!), 1);
  const errors = world.logger.lines.filter(({ message }) => message === 'a log can not be compacted');
  assert.equal(errors.length, 1);
  assert.equal(world.failures.length, 0);
});

test('a topic may be deleted while its log is compacted', async () => {
  let brokenOff = 0;
  for (let aheadMs = 0; aheadMs < 200; aheadMs += 20) {
    const world = start({ 'log.cleaner.io.buffer.size': '100' });
    await world.start();
    const log = await world.log({}, COMPACT);
    await fill(world, log, 100);
    // The keys are read, and the segment is being written anew.
    const cleaned = '/data/events-0/00000000000000000000.log.cleaned';
    await world.time.runUntil(() => world.disk.exists(cleaned));
    await world.time.advance(aheadMs);
    assert.equal(await world.delete(), undefined);
    await world.time.advance(2 * BACKOFF_MS);
    assert.deepEqual([world.failures, world.fatals], [[], []]);
    brokenOff += world.logger.lines.filter(({ message }) => message === 'a compaction was broken off').length;
  }
  assert.ok(brokenOff > 0);
});

test('compaction reads and writes no more bytes a second than it may', async () => {
  const world = start({ 'log.cleaner.io.max.bytes.per.second': '1000', 'log.cleaner.io.buffer.size': '100' });
  await world.start();
  const log = await world.log({}, COMPACT);
  await fill(world, log, 100);
  const { sizeBytes } = log;
  await world.time.advance(BACKOFF_MS);
  const startedMs = world.clock.monotonicMs();
  await world.time.runUntil(() => world.logger.lines.some(({ message }) => message === 'compacted a log'));
  const tookMs = world.clock.monotonicMs() - startedMs;
  assert.ok(tookMs > 2.9 * sizeBytes - 1_000, `${tookMs} ms for ${sizeBytes} bytes`);
});
