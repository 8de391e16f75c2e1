import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../../src/log/partition_log.ts';
import { Errors } from '../../../src/model/error_codes.ts';
import { asOffset } from '../../../src/model/ids.ts';
import { DirectoriesWorld, OTHER_TOPIC_ID, TOPIC_ID } from '../../support/directories_world.ts';
import { append, batchOf, LOG_DIRECTORY, ok, refused, shown } from '../../support/log_world.ts';

async function fill(world: DirectoriesWorld, log: PartitionLog, count = 3): Promise<void> {
  for (let index = 0; index < count; index++) append(log, batchOf(`${log.topic}-${index}`));
  await world.durable(log);
}

test('a log is made when it is asked for, and is the same when it is asked for again', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  const log = await world.log({}, { retentionMs: 1 });
  assert.deepEqual([log.directory, log.topicId, log.config.retentionMs], [LOG_DIRECTORY, TOPIC_ID, 1]);
  assert.equal(await world.log({}, { retentionMs: 2 }), log);
  assert.equal(log.config.retentionMs, 2);
  assert.deepEqual([...world.directories.logs()], [log]);
});

for (const end of ['closed', 'killed', 'crashed'] as const) {
  test(`logs are found again after the process was ${end}`, async () => {
    const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
    await world.start();
    for (let index = 0; index < 6; index++) await fill(world, await world.log({ index }), index);
    const directories = (await world.logs(6)).map(log => log.directory);
    if (end === 'closed') await world.shutDown();
    else if (end === 'killed') world.kill();
    else world.crash();
    await world.start();
    for (let index = 0; index < 6; index++) {
      const log = await world.log({ index });
      assert.deepEqual([log.directory, log.endOffset], [directories[index], BigInt(index)]);
      if (end === 'closed') assert.equal(log.recoveryReport.checkedBytes, 0);
    }
  });
}

test('new logs go where the fewest are, also when many are made at once; or where the metadata says', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b,/c', 'cordoned.log.dirs': '/c' });
  const { onlineDirectoryIds } = await world.start();
  await world.log({ topic: 'first', directoryId: onlineDirectoryIds[1]! });
  await world.logs(5);
  await world.log({ topic: 'cordoned', directoryId: onlineDirectoryIds[2]! });
  const counts = world.directories.describe().map(({ logs, isCordoned }) => [logs.length, isCordoned]);
  assert.deepEqual(counts, [
    [3, false],
    [3, false],
    [1, true],
  ]);
});

test('while a directory is offline a log that may be in it is not made elsewhere', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b', 'metadata.log.dir': '/m' });
  const [, b] = (await world.start()).onlineDirectoryIds;
  await fill(world, await world.log({ directoryId: b! }));
  await world.shutDown();
  world.device.faults = ({ path }) => (path.startsWith('/b') ? { code: 'EIO' } : undefined);
  const [a] = (await world.start()).onlineDirectoryIds;
  for (const identity of [{}, { directoryId: b! }, { directoryId: b!, isNew: true }]) {
    const failure = refused(await world.tryLog(identity));
    assert.equal(failure.code, Errors.KAFKA_STORAGE_ERROR);
    assert.match(failure.message, /events-0 may be in the log directory \/b, which is offline/);
  }
  assert.match(refused(await world.delete()).message, /may be in the log directory \/b/);
  assert.equal((await world.log({ topic: 'new', isNew: true })).directory, '/a/new-0');
  assert.equal((await world.log({ topic: 'placed', directoryId: a! })).directory, '/a/placed-0');
});

test('a deleted log is gone at once, and its files after the delay; reads under way end in peace', async () => {
  const world = new DirectoriesWorld({}, { tailCacheBytes: 0, readMs: 50 });
  await world.start();
  const log = await world.log({}, { fileDeleteDelayMs: 5_000 });
  await fill(world, log);
  const reading = log.read(asOffset(0n), { maxBytes: 10_000, upTo: asOffset(3n), minOneBatch: true });
  assert.equal(await world.delete(), undefined);
  assert.deepEqual(world.failures, []);
  await world.run(Promise.resolve(reading));
  const [aside] = world.list('/data');
  assert.match(aside!, /^events-0\.[0-9a-f]{32}-delete$/);
  await world.time.advance(4_900);
  assert.ok(world.disk.exists(`/data/${aside}`));
  await world.time.advance(200);
  assert.deepEqual(world.list('/data'), ['meta.properties']);
  assert.equal(await world.delete(), undefined);
  assert.deepEqual(world.failures, []);
});

test('a topic can be made again as soon as it is deleted, and has nothing of the first one', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  const first = await world.log();
  await fill(world, first, 5);
  first.setHighWatermark(asOffset(5n));
  ok(first.incrementLogStartOffset(asOffset(4n)));
  ok(await world.run(world.directories.storeLogStart(first)));
  await world.time.advance(120_000);
  assert.match(world.text('/data/log-start-offset-checkpoint'), /events 0 4/);
  const deleting = world.directories.deleteLog({
    topic: 'events',
    index: first.partition,
    topicId: TOPIC_ID,
  });
  const second = await world.log({ topicId: OTHER_TOPIC_ID });
  assert.equal(await deleting, undefined);
  assert.notEqual(second, first);
  assert.equal(second.topicId, OTHER_TOPIC_ID);
  assert.deepEqual([second.endOffset, second.logStartOffset, second.highWatermark], [0n, 0n, 0n]);
  await fill(world, second, 2);
  // With the first one's start the crash would take these records for deleted.
  world.crash();
  await world.start();
  const again = await world.log({ topicId: OTHER_TOPIC_ID });
  assert.deepEqual([again.logStartOffset, again.endOffset], [0n, 2n]);
});

test('whatever is stored under the name of a log that was not found is none of a new one', async () => {
  const world = new DirectoriesWorld();
  await world.write('/data/meta.properties', 'version=1\nnode.id=1\n');
  for (const file of ['recovery-point-offset', 'log-start-offset', 'replication-offset', 'cleaner-offset']) {
    await world.write(`/data/${file}-checkpoint`, '0\n2\nevents 0 70\nother 0 5\n');
  }
  await world.start();
  await fill(world, await world.log(), 2);
  world.crash();
  await world.start();
  const log = await world.log();
  assert.deepEqual([log.endOffset, log.logStartOffset], [2n, 0n]);
});

test('a deleted log does not come back after a crash, and its files go with the next start', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  await fill(world, await world.log());
  assert.equal(await world.delete(), undefined);
  world.crash();
  await world.start();
  await world.time.advance(1_000);
  assert.deepEqual(world.list('/data'), ['meta.properties']);
});

test('only the log of the topic with the id is deleted', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  await fill(world, await world.log());
  assert.equal(await world.delete({ topicId: OTHER_TOPIC_ID }), undefined);
  assert.equal((await world.log()).endOffset, 3n);
  await world.shutDown();
  await world.start();
  assert.equal(await world.delete({ topicId: OTHER_TOPIC_ID }), undefined);
  assert.ok(world.disk.exists(LOG_DIRECTORY));
  assert.equal(await world.delete(), undefined);
  assert.ok(!world.disk.exists(LOG_DIRECTORY));
});

test('a log of another topic of the same name is set aside when it was not in use, and refused when it is', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  await fill(world, await world.log());
  const failure = refused(await world.tryLog({ topicId: OTHER_TOPIC_ID }));
  assert.equal(failure.code, Errors.INCONSISTENT_TOPIC_ID);
  await world.shutDown();
  await world.start();
  assert.equal((await world.log({ topicId: OTHER_TOPIC_ID })).endOffset, 0n);
  const aside = world.list('/data').find(name => name.endsWith('-stray'));
  assert.match(aside!, /^events-0\.[0-9a-f]{32}-stray$/);
  assert.equal(world.said('set a stray log aside').length, 1);
});

test('logs that the metadata does not know are set aside, the others are not touched', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  for (const topic of ['kept', 'stray']) {
    for (const index of [0, 1]) await fill(world, await world.log({ topic, index }));
  }
  await world.shutDown();
  const directories = await world.start();
  const log = await world.log({ topic: 'stray', index: 1 });
  await world.run(
    directories.setAsideStrays((topic, index) => (topic === 'kept' || index > 1 ? TOPIC_ID : undefined)),
  );
  assert.equal(log.failure, undefined);
  const names = world.list('/data').filter(name => name.includes('-') && !name.includes('checkpoint'));
  assert.deepEqual(
    names.map(name => name.replace(/[0-9a-f]{32}/, '…')),
    ['kept-0', 'kept-1', 'stray-0.…-stray', 'stray-1'],
  );
  assert.equal((await world.log({ topic: 'kept' })).endOffset, 3n);
});

test('a log that two directories have is that of the metadata, or that of the topic; else it is not opened', async () => {
  const duplicate = async (id: string) => {
    const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
    const ids = (await world.start()).onlineDirectoryIds;
    await fill(world, await world.log({ directoryId: ids[0]! }));
    await world.shutDown();
    await world.write('/b/events-0/partition.metadata', `version: 0\ntopic_id: ${id}`);
    await world.start();
    return { world, ids };
  };
  const other = await duplicate(OTHER_TOPIC_ID);
  assert.equal((await other.world.log()).directory, '/a/events-0');
  const same = await duplicate(TOPIC_ID);
  assert.match(refused(await same.world.tryLog()).message, /events-0 is in \/a and \/b/);
  const log = await same.world.log({ directoryId: same.ids[1]! });
  assert.deepEqual([log.directory, log.endOffset], ['/b/events-0', 0n]);
  assert.ok(same.world.list('/a').some(name => name.endsWith('-stray')));
});

test('one log that can not be opened does not stop the others, and the next start checks all', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  for (const index of [0, 1]) await fill(world, await world.log({ index }));
  await world.shutDown();
  await world.start();
  world.device.faults = ({ path }) => (path.startsWith(`${LOG_DIRECTORY}/`) ? { code: 'EACCES' } : undefined);
  assert.equal(refused(await world.tryLog()).code, Errors.KAFKA_STORAGE_ERROR);
  assert.equal((await world.log({ index: 1 })).endOffset, 3n);
  assert.deepEqual(world.failures, []);
  assert.equal((await world.shutDown()).isClean, false);
  world.device.faults = undefined;
  await world.start();
  assert.equal((await world.log()).endOffset, 3n);
});

test('opening says how far it is when it takes long, and what it found', async () => {
  const world = new DirectoriesWorld({}, { readMs: 700 });
  await world.start();
  for (let index = 0; index < 8; index++) await fill(world, await world.log({ index }));
  world.kill();
  world.device.flipBit('/data/events-3/00000000000000000000.log', 200, 1);
  await world.start();
  const logs = await world.logs(8);
  assert.equal(logs.filter(log => log.recoveryReport.reason !== undefined).length, 1);
  const progress = world.said('opening logs');
  assert.ok(progress.length >= 2);
  assert.ok((progress[0]!['remaining'] as number) > (progress.at(-1)!['remaining'] as number));
  const [end] = world.said('opened logs');
  assert.deepEqual([end!['opened'], end!['truncatedLogs'], end!['directory']], [8, 1, '/data']);
});

test('the offsets that are stored are those of the log after it was cut', async () => {
  const world = new DirectoriesWorld({ 'log.initial.task.delay.ms': '0' });
  await world.start();
  const log = await world.log();
  await fill(world, log, 10);
  log.setHighWatermark(asOffset(10n));
  ok(log.incrementLogStartOffset(asOffset(8n)));
  await world.time.advance(120_000);
  assert.match(world.text('/data/log-start-offset-checkpoint'), /events 0 8/);
  ok(await world.run(log.truncateFullyAndStartAt(asOffset(2n))));
  await fill(world, log, 3);
  world.crash();
  await world.start();
  const again = await world.log();
  assert.deepEqual([again.logStartOffset, again.endOffset, again.highWatermark], [2n, 5n, 2n]);
  assert.equal(shown(await world.batches(again)).length, 3);
});

test('a start that is stored stays after a crash', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  const log = await world.log();
  await fill(world, log, 10);
  log.setHighWatermark(asOffset(10n));
  ok(log.incrementLogStartOffset(asOffset(6n)));
  assert.equal(await world.run(world.directories.storeLogStart(log)), undefined);
  world.crash();
  await world.start();
  assert.equal((await world.log()).logStartOffset, 6n);
});

test('high watermarks and recovery points are stored from time to time, and when the logs are closed', async () => {
  const world = new DirectoriesWorld({ 'replica.high.watermark.checkpoint.interval.ms': '2000' });
  await world.start();
  const log = await world.log({}, { maxMessageBytes: 10_000_000 });
  await fill(world, log, 4);
  log.setHighWatermark(asOffset(3n));
  await world.time.advance(2_100);
  assert.match(world.text('/data/replication-offset-checkpoint'), /^0\n1\nevents 0 3\n$/);
  append(log, batchOf('large', { valueBytes: 5_000_000, key: null }));
  await world.time.advance(31_000);
  assert.match(world.text('/data/recovery-point-offset-checkpoint'), /events 0 5\n/);
  append(log, batchOf('last'));
  await world.shutDown();
  assert.match(world.text('/data/recovery-point-offset-checkpoint'), /events 0 6\n/);
  await world.start();
  assert.equal((await world.log()).highWatermark, 3n);
});

test('what is stored of logs that were not opened is kept', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  for (const index of [0, 1]) {
    const log = await world.log({ index });
    await fill(world, log);
    log.setHighWatermark(asOffset(2n));
  }
  await world.shutDown();
  await world.start();
  append(await world.log({ index: 1 }), batchOf('more'));
  await world.shutDown();
  assert.deepEqual(world.text('/data/recovery-point-offset-checkpoint').split('\n').sort(), [
    '',
    '0',
    '2',
    'events 0 3',
    'events 1 4',
  ]);
});

test('retention deletes what is old, of all logs', async () => {
  const world = new DirectoriesWorld({ 'log.retention.check.interval.ms': '60000' });
  await world.start();
  const logs = await world.logs(3, { retentionMs: 600_000 });
  for (const log of logs) {
    await fill(world, log);
    log.setHighWatermark(log.endOffset);
  }
  await world.time.advance(500_000);
  assert.deepEqual(
    logs.map(log => log.logStartOffset),
    [0n, 0n, 0n],
  );
  await world.time.advance(200_000);
  assert.deepEqual(
    logs.map(log => log.logStartOffset),
    [3n, 3n, 3n],
  );
  assert.equal(world.said('deleted old segments')[0]!['segments'], 3);
});

test('stray logs and copies are checked after an end that was not clean', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  const log = await world.log();
  await fill(world, log);
  await world.shutDown();
  const uuid = '0123456789abcdef0123456789abcdef';
  world.disk.rename(LOG_DIRECTORY, `/data/events-0.${uuid}-future`);
  world.disk.remove('/data/.kafka_cleanshutdown');
  world.device.flipBit(`/data/events-0.${uuid}-future/00000000000000000000.log`, 200, 1);
  await world.start();
  await world.time.advance(1_000);
  assert.equal(world.said('truncated a log').length, 1);
  assert.equal((await world.shutDown()).isClean, true);
  assert.ok(world.disk.exists(`/data/events-0.${uuid}-future`));
});
