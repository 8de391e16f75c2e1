import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../../src/model/error_codes.ts';
import { SimulatedClock } from '../../../src/simulation/simulated_clock.ts';
import { CLUSTER_ID, DirectoriesWorld, TOPIC_ID } from '../../support/directories_world.ts';
import { append, batchOf, EPOCH, ok, refused } from '../../support/log_world.ts';

test('the first start makes the directories with ids of their own, which the next start finds', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a/b/c,/d', 'node.id': '7' });
  const { identity, onlineDirectoryIds } = await world.start();
  assert.equal(identity.clusterId, undefined);
  assert.equal(identity.nodeId, 7);
  assert.equal(identity.directoryId, onlineDirectoryIds[0]);
  assert.equal(new Set(onlineDirectoryIds).size, 2);
  assert.equal(
    world.text('/a/b/c/meta.properties'),
    `directory.id=${onlineDirectoryIds[0]}\nnode.id=7\nversion=1\n`,
  );
  world.crash();
  assert.deepEqual((await world.start()).onlineDirectoryIds, onlineDirectoryIds);
});

test('the cluster id is in every directory once it is known, and in those that are added', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b', 'metadata.log.dir': '/m' });
  const first = await world.start();
  ok(await world.run(first.identity.adoptClusterId(CLUSTER_ID)));
  assert.equal(first.identity.clusterId, CLUSTER_ID);
  world.crash();
  world.configure({ 'log.dirs': '/a,/b,/c', 'metadata.log.dir': '/m' });
  const second = await world.start();
  assert.equal(second.identity.clusterId, CLUSTER_ID);
  for (const directory of ['/a', '/b', '/c', '/m']) {
    assert.match(world.text(`${directory}/meta.properties`), new RegExp(`^cluster.id=${CLUSTER_ID}\n`));
  }
  assert.equal(second.onlineDirectoryIds.length, 3);
});

test('a node whose logs are of one cluster does not join another', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a', 'metadata.log.dir': '/m' });
  ok(await world.run((await world.start()).identity.adoptClusterId(CLUSTER_ID)));
  await world.shutDown();
  world.disk.removeDirectory('/m');
  const { identity } = await world.start();
  assert.equal(identity.clusterId, undefined);
  const failure = refused(await world.run(identity.adoptClusterId('another')));
  assert.equal(failure.code, Errors.INCONSISTENT_CLUSTER_ID);
  assert.match(failure.message, new RegExp(`/a belongs to cluster ${CLUSTER_ID}.*cluster another`));
  assert.equal(identity.clusterId, undefined);
});

test('a directory of older releases gets what it lacks', async () => {
  const world = new DirectoriesWorld({ 'node.id': '3' });
  await world.write('/data/meta.properties', `version=0\nbroker.id=3\ncluster.id=${CLUSTER_ID}\n`);
  const { identity } = await world.start();
  assert.equal(
    world.text('/data/meta.properties'),
    `cluster.id=${CLUSTER_ID}\ndirectory.id=${identity.directoryId}\nbroker.id=3\nversion=0\n`,
  );
});

test('what the directory was formatted with besides is left alone', async () => {
  const world = new DirectoriesWorld();
  await world.write('/data/meta.properties', 'version=1\nnode.id=1\n');
  await world.write('/data/bootstrap.checkpoint', 'snapshot');
  await world.write('/data/notes.txt', 'mine');
  await world.write('/data/__cluster_metadata-0/quorum-state', '{}');
  await world.start();
  await world.shutDown();
  assert.deepEqual(world.list('/data'), [
    '.kafka_cleanshutdown',
    '__cluster_metadata-0',
    'bootstrap.checkpoint',
    'meta.properties',
    'notes.txt',
  ]);
});

test('a directory that another process has is refused at once, and those before it are let go', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
  const other = world.device.mount(new SimulatedClock(world.time));
  other.makeDirectory('/b');
  assert.notEqual(other.lockDirectory('/b'), undefined);
  const failure = refused(await world.tryStart());
  assert.match(failure.message, /\/b is in use by another process/);
  assert.notEqual(other.lockDirectory('/a'), undefined);
  other.kill();
  assert.equal((await world.start()).onlineDirectoryIds.length, 2);
});

for (const [what, properties, files, expected] of [
  ['another node', {}, { '/data/meta.properties': 'version=1\nnode.id=9\n' }, /belongs to node 9/],
  [
    'another cluster',
    { 'log.dirs': '/data,/b' },
    {
      '/data/meta.properties': 'version=1\nnode.id=1\ncluster.id=x\n',
      '/b/meta.properties': 'version=1\nnode.id=1\ncluster.id=y\n',
    },
    /cluster y, and \/data to cluster x/,
  ],
  ['logs of nobody', {}, { '/data/events-0/00000000000000000000.log': '' }, /events-0.*no meta.properties/],
  ['a malformed file', {}, { '/data/meta.properties': 'version=7' }, /its version is "7"/],
  [
    'the metadata log elsewhere',
    { 'log.dirs': '/data', 'metadata.log.dir': '/m' },
    {
      '/data/meta.properties': 'version=1\nnode.id=1\n',
      '/data/__cluster_metadata-0/quorum-state': '',
    },
    /metadata log is in \/data, and metadata.log.dir is \/m/,
  ],
  ['the same directory twice', { 'log.dirs': '/data/,/b,/./data' }, {}, /names \/data twice/],
] as const) {
  test(`a start with ${what} is refused`, async () => {
    const world = new DirectoriesWorld(properties);
    for (const [path, text] of Object.entries(files)) await world.write(path, text);
    assert.match(refused(await world.tryStart()).message, expected);
    // Nothing is held.
    for (const directory of ['/data', '/b']) {
      if (world.disk.exists(directory)) assert.notEqual(world.disk.lockDirectory(directory), undefined);
    }
  });
}

test('a directory that can not be used is offline, and the others serve', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
  world.device.faults = ({ path }) => (path.startsWith('/b') ? { code: 'EACCES' } : undefined);
  const directories = await world.start();
  const [a, b] = directories.describe();
  assert.equal(a!.failure, undefined);
  assert.match(b!.failure!.message, /\/b failed: .*EACCES/);
  assert.deepEqual(
    [b!.space, b!.directoryId, directories.onlineDirectoryIds.length],
    [undefined, undefined, 1],
  );
  assert.deepEqual(world.failures, []);
});

for (const [what, properties] of [
  ['no log directory', { 'log.dirs': '/b,/bb', 'metadata.log.dir': '/m' }],
  ['no directory for the metadata log', { 'log.dirs': '/a,/c', 'metadata.log.dir': '/b' }],
] as const) {
  test(`without ${what} there is no start`, async () => {
    const world = new DirectoriesWorld(properties);
    world.device.faults = ({ path }) => (path.startsWith('/b') ? { code: 'EIO' } : undefined);
    const failure = refused(await world.tryStart());
    assert.equal(failure.code, Errors.KAFKA_STORAGE_ERROR);
    assert.match(failure.message, /\/b failed/);
  });
}

test('the mark of a clean end has the broker epoch, counts once, and is gone before a log is opened', async () => {
  const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
  const first = await world.start();
  assert.equal(first.previousBrokerEpoch, -1n);
  append(await world.log(), batchOf('a'));
  assert.deepEqual(await world.shutDown(9_007_199_254_740_993n), { unclosed: [], isClean: true });
  assert.equal(world.text('/a/.kafka_cleanshutdown'), '{"version":0,"brokerEpoch":9007199254740993}');
  assert.equal((await world.start()).previousBrokerEpoch, 9_007_199_254_740_993n);
  assert.equal(world.disk.exists('/a/.kafka_cleanshutdown'), false);
  assert.equal((await world.log()).recoveryReport.checkedBytes, 0);
  world.crash();
  assert.equal((await world.start()).previousBrokerEpoch, -1n);
  assert.ok((await world.log()).recoveryReport.checkedBytes > 0);
});

test('the broker epoch is not known when a log that was closed has lost records', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  append(await world.log(), batchOf('a'));
  await world.shutDown(6n);
  // The base offset of the batch, which is under no checksum.
  world.device.flipBit('/data/events-0/00000000000000000000.log', 1, 3);
  const directories = await world.start();
  assert.equal(directories.previousBrokerEpoch, 6n);
  assert.equal((await world.log()).endOffset, 0n);
  assert.equal(directories.previousBrokerEpoch, -1n);
});

const SEGMENT = '/data/events-0/00000000000000000000.log';

/** Ends of a process with a log of two batches, of which the first is known to be committed. */
const ENDS: readonly (readonly [
  what: string,
  end: (world: DirectoriesWorld) => unknown,
  isWhole: boolean,
])[] = [
  ['closed', world => world.shutDown(6n), true],
  ['not closed', world => world.crash(), true],
  [
    'not closed, with an end that is torn',
    world => {
      world.crash();
      const file = world.disk.open(SEGMENT, 'write');
      file.truncate(file.sizeBytes - 10);
      file.close();
    },
    true,
  ],
  [
    'closed, and then damaged',
    async world => {
      await world.shutDown(6n);
      // The base offset of the batch, which is under no checksum.
      world.device.flipBit(SEGMENT, 1, 3);
    },
    false,
  ],
  [
    'not closed, and damaged where it was committed',
    world => {
      world.crash();
      world.device.flipBit(SEGMENT, 70, 3);
    },
    false,
  ],
  [
    'deleted',
    async world => {
      await world.delete();
      world.crash();
    },
    false,
  ],
];

for (const [what, end, isWhole] of ENDS) {
  test(`a log that was ${what} counts as ${isWhole ? '' : 'not '}whole`, async () => {
    const world = new DirectoriesWorld({
      'log.initial.task.delay.ms': '50',
      'replica.high.watermark.checkpoint.interval.ms': '100',
    });
    const first = await world.start();
    const log = await world.log();
    assert.deepEqual([...first.wholeLogs()], [], 'the directory is new');
    append(log, batchOf('a'));
    log.setHighWatermark(log.endOffset);
    await world.durable(log);
    await world.time.advance(300);
    append(log, batchOf('b'));
    await world.durable(log);
    await end(world);
    const directories = await world.start();
    assert.deepEqual([...directories.wholeLogs()], [], 'it is not opened yet');
    const opened = await world.log();
    assert.deepEqual([...directories.wholeLogs()], isWhole ? [opened] : []);
  });
}

for (const [what, end] of [
  ['is killed', (world: DirectoriesWorld) => world.kill()],
  ['ends in order', (world: DirectoriesWorld) => world.shutDown(-1n)],
] as const) {
  test(`a log that is not whole is not when the process ${what} before the cluster knows, and is from then on`, async () => {
    const world = new DirectoriesWorld();
    await world.start();
    await world.run(world.directories.registered());
    append(await world.log(), batchOf('a'), EPOCH);
    await world.shutDown(6n);
    // The base offset of the batch, which is under no checksum.
    world.device.flipBit(SEGMENT, 1, 3);
    for (let run = 0; run < 2; run++) {
      await world.start();
      await world.log();
      assert.deepEqual([...world.directories.wholeLogs()], []);
      await end(world);
    }
    await world.start();
    await world.log();
    await world.run(world.directories.registered());
    world.kill();
    await world.start();
    const log = await world.log();
    assert.deepEqual([...world.directories.wholeLogs()], [log]);
  });
}

test('a log that had not been made when the process ended is whole', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  world.crash();
  const directories = await world.start();
  const log = await world.log();
  assert.deepEqual([...directories.wholeLogs()], [log]);
});

test('a log whose records are acknowledged before they are on the disk is not whole after a crash', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  append(await world.log({}, { writeCaching: true }), batchOf('a'));
  world.crash();
  const directories = await world.start();
  await world.log({}, { writeCaching: true });
  assert.deepEqual([...directories.wholeLogs()], []);
});

for (const [what, change] of [
  [
    'another epoch',
    (world: DirectoriesWorld) => world.write('/b/.kafka_cleanshutdown', '{"brokerEpoch": 5}'),
  ],
  ['no epoch', (world: DirectoriesWorld) => world.write('/b/.kafka_cleanshutdown', '')],
  ['no mark', async (world: DirectoriesWorld) => world.disk.remove('/b/.kafka_cleanshutdown')],
] as const) {
  test(`the broker epoch is not known when a directory has ${what}`, async () => {
    const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
    await world.start();
    await world.shutDown(6n);
    await change(world);
    assert.equal((await world.start()).previousBrokerEpoch, -1n);
  });
}

test('a start that comes to nothing leaves the logs as clean as they were', async () => {
  const world = new DirectoriesWorld();
  await world.start();
  append(await world.log(), batchOf('a'));
  await world.shutDown();
  ok(await world.tryStart());
  assert.equal((await world.shutDown()).isClean, true);
  await world.start();
  assert.equal((await world.log()).recoveryReport.checkedBytes, 0);
  world.kill();
  ok(await world.tryStart());
  assert.equal((await world.shutDown()).isClean, false);
});

test('a crash at any moment of the start leaves directories that start again', async () => {
  for (let step = 0; ; step++) {
    const world = new DirectoriesWorld({ 'log.dirs': '/a/b,/c', 'metadata.log.dir': '/m' });
    world.crashAfter(step);
    let ended = false;
    const starting = world.start().then(async ({ identity }) => {
      await world.run(identity.adoptClusterId(CLUSTER_ID));
      await world.log({ topicId: TOPIC_ID });
      ended = true;
    });
    await starting.catch(() => {});
    if (ended) return;
    world.device.faults = undefined;
    world.kill();
    const { identity } = await world.start();
    ok(await world.run(identity.adoptClusterId(identity.clusterId ?? CLUSTER_ID)));
    assert.equal((await world.log()).endOffset, 0n);
  }
});
