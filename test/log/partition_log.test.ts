import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { asLeaderEpoch, asOffset, asPartitionIndex, asUuid } from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { append, batchOf, EPOCH, LogWorld, ok, refused, shown } from '../support/log_world.ts';

const bounds = (upTo: bigint, maxBytes = 1_000_000) => ({
  maxBytes,
  upTo: asOffset(upTo),
  minOneBatch: true,
});

test('what is appended gets the next offsets and the leader epoch, and is read as it was written', async () => {
  const world = new LogWorld();
  const log = await world.open();
  const first = append(log, batchOf('a', { count: 3 }));
  const second = append(log, batchOf('b', { count: 2 }), asLeaderEpoch(7));
  assert.deepEqual(
    [first.firstOffset, first.lastOffset, second.firstOffset, second.lastOffset, log.endOffset],
    [0n, 2n, 3n, 4n, 5n],
  );
  const batches = await world.batches(log);
  assert.deepEqual(
    batches.map(batch => [batch.baseOffset, batch.partitionLeaderEpoch, batch.isCrcValid()]),
    [
      [0n, 3, true],
      [3n, 7, true],
    ],
  );
  assert.deepEqual(log.leaderEpochs, [
    { leaderEpoch: 3, startOffset: 0n },
    { leaderEpoch: 7, startOffset: 3n },
  ]);
});

test('an append is durable after a sync, which those share that come while another one runs', async () => {
  const world = new LogWorld();
  const syncs: string[] = [];
  const log = await world.open();
  world.device.faults = operation => {
    if (operation.kind === 'sync') syncs.push(operation.path);
    return undefined;
  };
  append(log, batchOf('a'));
  for (let index = 0; index < 10; index++) append(log, batchOf('b'));
  assert.equal(log.durableOffset, 0n);
  ok(await world.time.run(log.awaitDurable(asOffset(1n))));
  assert.equal(log.durableOffset, 1n);
  const told: bigint[] = [];
  log.onDurable(offset => told.push(offset));
  await world.durable(log);
  assert.deepEqual([log.durableOffset, told], [11n, [11n]]);
  assert.equal(syncs.length, 2);
});

test('logs wait for their turns to sync, and what is appended until then is part of it', async () => {
  const world = new LogWorld({ syncMs: 10 });
  const logs = [];
  for (let index = 0; index < 6; index++) {
    const log = await world.open({ directory: `/data/events-${index}`, partition: asPartitionIndex(index) });
    append(log, batchOf('a'));
    await world.durable(log);
    logs.push(log);
  }
  for (const log of logs) append(log, batchOf('b'));
  await world.time.advance(5);
  for (const log of logs) append(log, batchOf('c'));
  await world.time.advance(6);
  assert.deepEqual(
    logs.map(log => log.durableOffset),
    [2n, 2n, 2n, 2n, 1n, 1n],
  );
  await world.time.advance(10);
  assert.deepEqual(
    logs.map(log => log.durableOffset),
    [3n, 3n, 2n, 2n, 3n, 3n],
  );
  await world.time.advance(10);
  for (const log of logs) assert.equal(log.durableOffset, 3n);
});

test('a log that fails while it waits for its turn leaves the turn to others', async () => {
  const world = new LogWorld({ syncMs: 10 });
  const logs = [];
  for (let index = 0; index < 6; index++) {
    logs.push(await world.open({ directory: `/data/events-${index}`, partition: asPartitionIndex(index) }));
  }
  for (const log of logs) append(log, batchOf('a'));
  const last = logs[4]!;
  world.device.faults = ({ kind, path }) =>
    kind === 'write' && path.startsWith(last.directory) ? { code: 'EIO' } : undefined;
  refused(last.appendAsLeader(batchOf('b'), { leaderEpoch: EPOCH, origin: 'client' }));
  await world.time.advance(100);
  assert.deepEqual(
    logs.map(log => log.durableOffset),
    [1n, 1n, 1n, 1n, 0n, 1n],
  );
});

test('with write caching an append is durable at once, and what flush.messages says is waited for', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { writeCaching: true, flushMessages: 5 } });
  for (let index = 0; index < 4; index++) append(log, batchOf('a'));
  assert.equal(log.durableOffset, 4n);
  append(log, batchOf('a'));
  append(log, batchOf('a'));
  assert.equal(log.durableOffset, 4n);
  await world.durable(log);
  assert.equal(log.durableOffset, 6n);
});

test('with write caching flush.ms bounds how long something stays unsynced', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { writeCaching: true, flushMs: 500 } });
  append(log, batchOf('a'));
  await world.time.advance(499);
  world.crash();
  assert.equal((await world.open()).endOffset, 0n);
  const again = await world.open({
    directory: '/data/events-1',
    config: { writeCaching: true, flushMs: 500 },
  });
  append(again, batchOf('a'));
  await world.time.advance(510);
  world.crash();
  assert.equal((await world.open({ directory: '/data/events-1' })).endOffset, 1n);
});

test('a log that was closed is there with all that belongs to it', async () => {
  const world = new LogWorld();
  const topicId = asUuid('AbcdefghijklmnopqrstuA');
  let log = await world.open({ topicId });
  for (let index = 0; index < 100; index++) append(log, batchOf(`value ${index}`, { valueBytes: 200 }));
  const before = shown(await world.batches(log));
  log = await world.reopen(log);
  assert.equal(log.topicId, topicId);
  assert.deepEqual([log.endOffset, log.durableOffset, log.recoveryPoint], [100n, 100n, 100n]);
  assert.deepEqual(shown(await world.batches(log)), before);
  assert.deepEqual(log.leaderEpochs, [{ leaderEpoch: EPOCH, startOffset: 0n }]);
  assert.equal(append(log, batchOf('more')).firstOffset, 100n);
});

test('a topic id that is another one is refused', async () => {
  const world = new LogWorld();
  const log = await world.open({ topicId: asUuid('AbcdefghijklmnopqrstuA') });
  await world.time.run(log.close());
  const failure = refused(await world.tryOpen({ topicId: asUuid('BbcdefghijklmnopqrstuA') }));
  assert.equal(failure.code, Errors.INCONSISTENT_TOPIC_ID);
});

test('segments are closed by size, and reads go over them', async () => {
  const world = new LogWorld({ tailCacheBytes: 0 });
  const log = await world.open({ config: { segmentBytes: 1000, indexIntervalBytes: 200 } });
  for (let index = 0; index < 50; index++) {
    append(log, batchOf(`value ${index}`, { valueBytes: 150 }));
    await world.durable(log);
  }
  assert.equal(log.segmentCount, 13);
  for (let index = 0; index < 50; index++) {
    const read = ok(await world.time.run(Promise.resolve(log.read(asOffset(BigInt(index)), bounds(50n)))));
    assert.equal(new RecordBatch(read.chunks[0]!).baseOffset, BigInt(index));
  }
  assert.equal((await world.batches(log)).length, 50);
});

test('segments are closed when their records span segment.ms', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { segmentMs: 1000 } });
  const at = (timestamp: bigint) => append(log, batchOf('a', { timestamp: 1_700_000_000_000n + timestamp }));
  at(0n);
  at(1000n);
  await world.durable(log);
  assert.equal(log.segmentCount, 1);
  at(1001n);
  await world.durable(log);
  assert.equal(log.segmentCount, 2);
});

test('what a read gives is bounded', async () => {
  for (const tailCacheBytes of [0, 1_000_000]) {
    const world = new LogWorld({ tailCacheBytes });
    const log = await world.open();
    for (let index = 0; index < 10; index++) append(log, batchOf('a', { count: 2, valueBytes: 100 }));
    const size = batchOf('a', { count: 2, valueBytes: 100 }).length;
    const read = async (start: bigint, maxBytes: number, upTo = 20n, minOneBatch = true) => {
      const result = ok(
        await world.time.run(
          Promise.resolve(log.read(asOffset(start), { maxBytes, upTo: asOffset(upTo), minOneBatch })),
        ),
      );
      return [result.sizeBytes / size, result.nextOffset, result.hasMore];
    };
    assert.deepEqual(await read(0n, size * 3), [3, 6n, true]);
    assert.deepEqual(await read(0n, size * 4 - 1), [3, 6n, true]);
    assert.deepEqual(
      await read(3n, size * 2),
      [2, 6n, true],
      'starts with the batch that contains the offset',
    );
    assert.deepEqual(await read(0n, 1), [1, 2n, true]);
    assert.deepEqual(await read(0n, 1, 20n, false), [0, 0n, true]);
    assert.deepEqual(
      await read(0n, 1_000_000, 5n),
      [2, 4n, true],
      'a batch that ends behind the bound is left out',
    );
    assert.deepEqual(await read(16n, 1_000_000), [2, 20n, false]);
    assert.deepEqual(await read(20n, 1_000_000), [0, 20n, false]);
    assert.deepEqual(await read(6n, 1_000_000, 4n), [0, 6n, false]);
    assert.deepEqual(await read(4n, 1_000_000, 5n), [0, 4n, false], 'the bound is inside of the batch');
    const failure = refused(log.read(asOffset(21n), bounds(30n)));
    assert.equal(failure.code, Errors.OFFSET_OUT_OF_RANGE);
  }
});
