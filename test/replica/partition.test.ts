import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asLeaderEpoch, asNodeId } from '../../src/model/ids.ts';
import { ok, refused } from '../support/log_world.ts';
import {
  commitOf,
  NODE,
  PartitionWorld,
  producerBatch,
  SESSION_TIMEOUT_MS,
  stateOf,
} from '../support/partition_world.ts';

let world: PartitionWorld;

beforeEach(() => {
  world = new PartitionWorld({ syncMs: 5 });
});

const ALL = { requiredAcks: -1, origin: 'client' } as const;

test('a record is committed when it is on the disk, not before', async () => {
  const partition = await world.leading();
  const { lastOffset } = ok(partition.append(producerBatch({ count: 3 }), ALL));
  const commit = commitOf(partition, lastOffset + 1n);
  assert.equal(world.log.highWatermark, 0n);
  assert.equal(commit.result, undefined);
  await world.time.advance(20);
  assert.equal(world.log.highWatermark, 3n);
  assert.equal(commit.result, 'committed');
});

test('with write.caching it is committed at once', async () => {
  const partition = await world.leading({ 'write.caching': 'true' });
  ok(partition.append(producerBatch({ count: 3 }), ALL));
  assert.equal(commitOf(partition, 3n).result, 'committed');
});

test('appends that come during a sync share the next one', async () => {
  const partition = await world.leading();
  const commits: { result: string | undefined }[] = [];
  for (let batch = 0; batch < 10; batch++) {
    const { lastOffset } = ok(partition.append(producerBatch(), ALL));
    commits.push(commitOf(partition, lastOffset + 1n));
  }
  const before = world.time.executedCount;
  await world.time.advance(30);
  assert.ok(
    commits.every(commit => commit.result === 'committed'),
    'all are committed',
  );
  assert.ok(world.time.executedCount - before < 10, 'by fewer syncs than there were batches');
});

test('the log is led only in the role of the leader, and in the epoch that the client knows', async () => {
  const partition = world.newPartition();
  assert.equal(refused(partition.leaderLog()).code, Errors.NOT_LEADER_OR_FOLLOWER);
  const log = await world.open();
  partition.opened(log);
  assert.equal(refused(partition.leaderLog()).code, Errors.NOT_LEADER_OR_FOLLOWER);
  partition.apply(stateOf({ leaderEpoch: asLeaderEpoch(4), partitionEpoch: 7 }));
  assert.equal(ok(partition.leaderLog()), log);
  assert.equal(ok(partition.leaderLog(4)), log);
  assert.equal(refused(partition.leaderLog(3)).code, Errors.FENCED_LEADER_EPOCH);
  assert.equal(refused(partition.leaderLog(5)).code, Errors.UNKNOWN_LEADER_EPOCH);
  partition.apply(stateOf({ leader: asNodeId(2), leaderEpoch: asLeaderEpoch(5), partitionEpoch: 8 }));
  assert.equal(refused(partition.leaderLog()).code, Errors.NOT_LEADER_OR_FOLLOWER);
  assert.equal(refused(partition.append(producerBatch(), ALL)).code, Errors.NOT_LEADER_OR_FOLLOWER);
});

test('an older state of the metadata changes nothing', async () => {
  const partition = await world.leading();
  partition.apply(stateOf({ leaderEpoch: asLeaderEpoch(3), partitionEpoch: 5 }));
  partition.apply(stateOf({ leader: asNodeId(2), leaderEpoch: asLeaderEpoch(2), partitionEpoch: 4 }));
  assert.equal(partition.isLeader, true);
  assert.equal(partition.leaderEpoch, 3);
});

test('the leader epoch is in the log from its first record on', async () => {
  const partition = await world.leading();
  ok(partition.append(producerBatch({ count: 2 }), ALL));
  partition.apply(stateOf({ leaderEpoch: asLeaderEpoch(6), partitionEpoch: 1 }));
  ok(partition.append(producerBatch(), ALL));
  assert.deepEqual(world.log.leaderEpochs, [
    { leaderEpoch: 0, startOffset: 0n },
    { leaderEpoch: 6, startOffset: 2n },
  ]);
});

test('who waits for a commit learns of the end of the leadership', async () => {
  const partition = await world.leading();
  ok(partition.append(producerBatch(), ALL));
  const commit = commitOf(partition, 1n);
  partition.apply(stateOf({ leader: asNodeId(2), leaderEpoch: asLeaderEpoch(1), partitionEpoch: 1 }));
  assert.match(commit.result ?? '', /^NOT_LEADER_OR_FOLLOWER: .*broker 2 leads it/);
});

test('a partition that is closed answers its reason, to those who wait too', async () => {
  const partition = await world.leading();
  ok(partition.append(producerBatch(), ALL));
  const commit = commitOf(partition, 1n);
  const reason = new Failure(Errors.KAFKA_STORAGE_ERROR, 'the disk is gone');
  partition.close(reason);
  assert.equal(commit.result, 'KAFKA_STORAGE_ERROR: the disk is gone');
  assert.equal(partition.leaderLog(), reason);
  assert.equal(partition.append(producerBatch(), ALL), reason);
});

test('acks=all needs min.insync.replicas, as far as there are replicas', async () => {
  const partition = await world.leading({ 'min.insync.replicas': '2' });
  ok(partition.append(producerBatch(), ALL));
  partition.apply(stateOf({ replicas: [NODE, asNodeId(2)], isr: [NODE], partitionEpoch: 1 }));
  assert.equal(refused(partition.append(producerBatch(), ALL)).code, Errors.NOT_ENOUGH_REPLICAS);
  ok(partition.append(producerBatch(), { requiredAcks: 1, origin: 'client' }));
  assert.match(partition.underMinIsr() ?? '', /1 in-sync replicas and min.insync.replicas wants 2/);
});

test('a deleted partition that is still being opened never leads', async () => {
  const partition = world.newPartition();
  partition.apply(stateOf());
  partition.close(new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'deleted'));
  partition.opened(await world.open());
  assert.equal(partition.isLeader, false);
  assert.equal(refused(partition.leaderLog()).code, Errors.UNKNOWN_TOPIC_OR_PARTITION);
});

test('offsets at the end are not told before the high watermark has reached the leadership’s start', async () => {
  const partition = await world.leading();
  ok(partition.append(producerBatch(), ALL));
  partition.apply(stateOf({ leaderEpoch: asLeaderEpoch(1), partitionEpoch: 1 }));
  assert.equal(partition.offsetsUnavailable()?.code, Errors.OFFSET_NOT_AVAILABLE);
  await world.time.advance(20);
  assert.equal(partition.offsetsUnavailable(), undefined);
});

test('a leader that hears neither the controller nor a replica in sync sends its clients elsewhere', async () => {
  const partition = await world.leading();
  const follower = asNodeId(2);
  partition.apply(stateOf({ replicas: [NODE, follower], isr: [NODE, follower], partitionEpoch: 1 }));
  const fetched = () => {
    const report = { fetchOffset: 0n as never, logStartOffset: 0n as never, brokerEpoch: -1n as never };
    assert.equal(partition.followerFetched(follower, report), undefined);
  };
  fetched();
  ok(partition.append(producerBatch(), ALL));
  const commit = commitOf(partition, 1n);
  await world.time.advance(SESSION_TIMEOUT_MS + 1);
  // Only the follower is silent: the controller will take it out.
  partition.settleCutOff();
  assert.equal(partition.cutOff(), undefined);
  world.isControllerSilent = true;
  assert.equal(refused(partition.append(producerBatch(), ALL)).code, Errors.NOT_LEADER_OR_FOLLOWER);
  assert.equal(commit.result, undefined);
  partition.settleCutOff();
  assert.match(commit.result ?? '', /^NOT_LEADER_OR_FOLLOWER: .*neither the controller nor broker 2/);
  // A fetch that is read now may have been sent long ago: this process may have been stopped since.
  fetched();
  assert.equal(refused(partition.append(producerBatch(), ALL)).code, Errors.NOT_LEADER_OR_FOLLOWER);
  // Only the controller is silent: those in sync go on.
  fetched();
  assert.equal(partition.cutOff(), undefined);
  ok(partition.append(producerBatch(), ALL));
});

test('without other replicas in sync nobody is cut off', async () => {
  const partition = await world.leading();
  world.isControllerSilent = true;
  await world.time.advance(60_000);
  ok(partition.append(producerBatch(), ALL));
  partition.apply(stateOf({ replicas: [NODE, asNodeId(2)], isr: [NODE], partitionEpoch: 1 }));
  ok(partition.append(producerBatch(), ALL));
});
