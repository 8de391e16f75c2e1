import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../../src/model/error_codes.ts';
import { asOffset } from '../../../src/model/ids.ts';
import type { DiskOperation } from '../../../src/simulation/simulated_disk.ts';
import { DirectoriesWorld } from '../../support/directories_world.ts';
import { append, batchOf, EPOCH, ok, refused } from '../../support/log_world.ts';

const on =
  (path: string, ...kinds: DiskOperation['kind'][]) =>
  (operation: DiskOperation) =>
    operation.path.startsWith(path) && (kinds.length === 0 || kinds.includes(operation.kind))
      ? { code: 'EIO' }
      : undefined;

/** Two directories with two logs each, and a third for the metadata. */
async function twoDirectories(): Promise<DirectoriesWorld> {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b', 'metadata.log.dir': '/m' });
  await world.start();
  for (const log of await world.logs(4)) {
    append(log, batchOf('acknowledged'));
    await world.durable(log);
  }
  return world;
}

test('a directory whose disk fails takes its logs with it, and no others; it is told of once', async () => {
  const world = await twoDirectories();
  const [a, b] = world.directories.describe().map(({ logs }) => logs);
  world.device.faults = on('/a', 'sync');
  const appended = append(a![0]!, batchOf('lost'));
  const failure = refused(await world.run(a![0]!.awaitDurable(asOffset(appended.lastOffset + 1n))));
  assert.equal(failure.code, Errors.KAFKA_STORAGE_ERROR);
  for (const log of a!) {
    const options = { leaderEpoch: EPOCH, origin: 'client' } as const;
    assert.equal(refused(log.appendAsLeader(batchOf('x'), options)).code, Errors.KAFKA_STORAGE_ERROR);
    const bounds = { maxBytes: 1_000, upTo: log.endOffset, minOneBatch: true };
    const read = await world.run(Promise.resolve(log.read(asOffset(0n), bounds)));
    assert.equal(refused(read).code, Errors.KAFKA_STORAGE_ERROR);
  }
  for (const log of b!) append(log, batchOf('more'));
  for (const log of b!) await world.durable(log);
  await world.time.advance(100_000);
  assert.deepEqual(
    world.failures.map(({ directory, failure }) => [directory, failure.code]),
    [['/a', Errors.KAFKA_STORAGE_ERROR]],
  );
  assert.deepEqual(world.fatals, []);
  const [offline, online] = world.directories.describe();
  assert.equal(offline!.failure, world.failures[0]!.failure);
  assert.deepEqual([offline!.space, offline!.logs, online!.logs.length], [undefined, [], 2]);
  assert.equal(world.directories.onlineDirectoryIds.length, 1);
});

test('logs of a failed directory are not opened, made elsewhere or deleted; those of other topics are made', async () => {
  const world = await twoDirectories();
  const [a] = world.directories.describe();
  const { topic, partition } = a!.logs[0]!;
  world.device.faults = on('/a');
  a!.logs[0]!.appendAsLeader(batchOf('lost'), { leaderEpoch: EPOCH, origin: 'client' });
  await world.time.advance(10);
  for (const again of [{}, { isNew: true }]) {
    const failure = refused(await world.tryLog({ topic, index: partition, ...again }));
    assert.equal(failure, world.failures[0]!.failure);
  }
  assert.equal(refused(await world.delete({ topic, index: partition })).code, Errors.KAFKA_STORAGE_ERROR);
  assert.equal((await world.log({ topic: 'other', isNew: true })).directory, '/b/other-0');
});

test('the broker must stop when the last log directory fails, or that of the metadata log', async () => {
  const last = await twoDirectories();
  for (const { logs, path } of last.directories.describe()) {
    assert.deepEqual(last.fatals, []);
    last.device.faults = on(path, 'write');
    logs[0]!.appendAsLeader(batchOf('x'), { leaderEpoch: EPOCH, origin: 'client' });
    await last.time.advance(1);
  }
  assert.deepEqual(
    last.failures.map(({ directory }) => directory),
    ['/a', '/b'],
  );
  assert.equal(last.fatals.length, 1);
  assert.match(last.fatals[0]!.message, /\/b failed/);
  const metadata = await twoDirectories();
  metadata.device.faults = on('/m');
  const failure = refused(await metadata.run(metadata.directories.identity.adoptClusterId('x')));
  assert.equal(failure.code, Errors.KAFKA_STORAGE_ERROR);
  assert.deepEqual(metadata.fatals, [failure]);
});

test('a full disk fails the directory; what was acknowledged is read after a restart with room', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  const log = await world.log();
  world.device.capacityBytes = world.device.usedBytes + 300_000;
  let acknowledged = 0n;
  for (;;) {
    const appended = log.appendAsLeader(batchOf('fill', { valueBytes: 20_000 }), {
      leaderEpoch: EPOCH,
      origin: 'client',
    });
    if ('code' in appended) {
      assert.equal(appended.code, Errors.KAFKA_STORAGE_ERROR);
      break;
    }
    await world.durable(log);
    acknowledged = log.endOffset;
  }
  assert.ok(acknowledged > 5n);
  await world.time.advance(1);
  assert.match(world.failures[0]!.failure.message, /ENOSPC/);
  assert.equal(world.fatals.length, 1);
  assert.equal((await world.shutDown()).isClean, false);
  world.device.capacityBytes *= 2;
  await world.start();
  const again = await world.log();
  assert.equal(again.endOffset, acknowledged);
  assert.equal((await world.batches(again)).length, Number(acknowledged));
});

test('what could not be closed is said, and its directory is checked at the next start', async () => {
  const world = await twoDirectories();
  for (const log of world.directories.logs()) append(log, batchOf('last'));
  world.device.faults = on('/a/', 'sync');
  const { unclosed, isClean } = await world.shutDown();
  assert.equal(isClean, false);
  assert.deepEqual(
    unclosed.map(({ failure }) => failure.code),
    [Errors.KAFKA_STORAGE_ERROR, Errors.KAFKA_STORAGE_ERROR],
  );
  world.device.faults = undefined;
  assert.ok(!world.disk.exists('/a/.kafka_cleanshutdown'));
  assert.ok(world.disk.exists('/b/.kafka_cleanshutdown'));
  await world.start();
  for (const log of await world.logs(4)) {
    assert.equal(log.recoveryReport.checkedBytes > 0, log.directory.startsWith('/a/'));
  }
});

test('a checkpoint that can not be written fails the directory', async () => {
  const world = await twoDirectories();
  for (const log of world.directories.logs()) log.setHighWatermark(asOffset(1n));
  world.device.faults = on('/b/replication-offset-checkpoint', 'open');
  await world.time.advance(6_000);
  assert.deepEqual(
    world.failures.map(({ directory }) => directory),
    ['/b'],
  );
  assert.match(ok(world.text('/a/replication-offset-checkpoint')), /events \d 1/);
});
