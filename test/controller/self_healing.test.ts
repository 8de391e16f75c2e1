import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../src/messages/45_alter_partition_reassignments.ts';
import { AlterPartitionRequest, AlterPartitionResponse } from '../../src/messages/56_alter_partition.ts';
import { answered, Harness, request } from './harness.ts';

const DEAD_MS = 10_000;
const SETTINGS = [
  `self.healing.dead.ms=${DEAD_MS}`,
  'self.healing.interval.ms=1000',
  'auto.leader.rebalance.enable=false',
];

async function clusterOf(
  racks: Readonly<Record<number, string | undefined>>,
  settings: readonly string[] = [],
): Promise<Harness> {
  const harness = await new Harness({ settings: [...SETTINGS, ...settings] }).lead();
  for (const [id, rack] of Object.entries(racks))
    await harness.start([Number(id)], rack === undefined ? {} : { rack });
  return harness;
}

const NO_RACKS = { 1: undefined, 2: undefined, 3: undefined, 4: undefined };

/** The leaders find that all replicas of brokers that are up are in sync. */
async function catchUp(harness: Harness, name: string): Promise<void> {
  const topic = harness.topic(name);
  for (const [
    partitionIndex,
    { leader, leaderEpoch, partitionEpoch, replicas, isr },
  ] of topic.partitions.entries()) {
    const up = replicas.filter(id => !harness.broker(id).fenced);
    if (leader < 0 || up.length === isr.length) continue;
    const newIsrWithEpochs = up.map(brokerId => ({ brokerId, brokerEpoch: harness.epochOf(brokerId) }));
    const partition = {
      partitionIndex,
      leaderEpoch,
      partitionEpoch,
      newIsr: [],
      newIsrWithEpochs,
      leaderRecoveryState: 0,
    };
    const alter = request(AlterPartitionRequest, {
      brokerId: leader,
      brokerEpoch: harness.epochOf(leader),
      topics: [{ topicId: topic.id, partitions: [partition] }],
    });
    const { topics } = answered(AlterPartitionResponse, await harness.controller.alterPartition(alter));
    assert.equal(topics[0]!.partitions[0]!.errorCode, 0);
  }
  await harness.settle();
}

const replicasOf = (harness: Harness, name: string) =>
  harness.topic(name).partitions.map(({ replicas }) => [...replicas]);
const movesOf = (harness: Harness, name: string) =>
  harness
    .topic(name)
    .partitions.map(({ addingReplicas, removingReplicas }) => [[...removingReplicas], [...addingReplicas]]);

test('replicas of a broker that stays dead are rebuilt on another', async () => {
  const harness = await clusterOf(NO_RACKS);
  await harness.createAssigned('a', [
    [1, 2, 3],
    [2, 3, 1],
    [4, 1, 2],
  ]);
  harness.kill(3);
  await harness.pass(DEAD_MS);
  assert.deepEqual(movesOf(harness, 'a'), [
    [[], []],
    [[], []],
    [[], []],
  ]);
  await harness.pass(6000);
  assert.deepEqual(movesOf(harness, 'a'), [
    [[3], [4]],
    [[3], [4]],
    [[], []],
  ]);
  await catchUp(harness, 'a');
  assert.deepEqual(replicasOf(harness, 'a'), [
    [1, 2, 4],
    [2, 4, 1],
    [4, 1, 2],
  ]);
  await harness.pass(20_000);
  assert.deepEqual(movesOf(harness, 'a'), [
    [[], []],
    [[], []],
    [[], []],
  ]);
});

test('a broker that is back in time keeps its replicas', async () => {
  const harness = await clusterOf(NO_RACKS);
  await harness.createAssigned('a', [[1, 2, 3]]);
  harness.kill(3);
  await harness.pass(DEAD_MS - 2000);
  await harness.start([3]);
  await harness.pass(3 * DEAD_MS);
  assert.deepEqual(movesOf(harness, 'a'), [[[], []]]);
});

test('a move is given up when the broker has its replica in sync again before the new one has', async () => {
  const harness = await clusterOf(NO_RACKS);
  await harness.createAssigned('a', [[1, 2, 3]]);
  harness.kill(3);
  await harness.pass(DEAD_MS + 6000);
  assert.deepEqual(movesOf(harness, 'a'), [[[3], [4]]]);
  harness.kill(4);
  await harness.pass(3000);
  await harness.start([3]);
  await catchUp(harness, 'a');
  await harness.pass(2000);
  assert.deepEqual(movesOf(harness, 'a'), [[[], []]]);
  assert.deepEqual(replicasOf(harness, 'a'), [[1, 2, 3]]);
});

test('a person gives a move up, and it begins again only while the broker is dead', async () => {
  const harness = await clusterOf(NO_RACKS);
  await harness.createAssigned('a', [[1, 2, 3]]);
  harness.kill(3);
  await harness.pass(DEAD_MS + 6000);
  const cancel = request(AlterPartitionReassignmentsRequest, {
    topics: [{ name: 'a', partitions: [{ partitionIndex: 0, replicas: null }] }],
  });
  const answer = answered(
    AlterPartitionReassignmentsResponse,
    await harness.controller.alterPartitionReassignments(cancel),
  );
  assert.equal(answer.responses[0]!.partitions[0]!.errorCode, 0);
  await harness.settle();
  assert.deepEqual(replicasOf(harness, 'a'), [[1, 2, 3]]);
  await harness.start([3]);
  await harness.pass(5000);
  assert.deepEqual(movesOf(harness, 'a'), [[[], []]]);
});

test('another rack comes before an emptier broker, and any broker before none', async () => {
  const harness = await clusterOf({ 1: 'a', 2: 'b', 3: 'c', 4: 'a', 5: 'c' }, [
    'self.healing.fill.enable=false',
  ]);
  await harness.createAssigned('a', [
    [1, 2, 3],
    [1, 2, 5],
    [5, 2, 1],
  ]);
  harness.kill(3);
  await harness.pass(DEAD_MS + 6000);
  assert.deepEqual(movesOf(harness, 'a')[0], [[3], [5]]);
  harness.kill(5);
  await catchUp(harness, 'a');
  await harness.pass(DEAD_MS + 6000);
  assert.deepEqual(movesOf(harness, 'a').slice(1), [
    [[5], [4]],
    [[5], [4]],
  ]);
});

test('without another broker nothing moves, and without a leader neither', async () => {
  const harness = await clusterOf({ 1: undefined, 2: undefined, 3: undefined });
  await harness.createAssigned('a', [[1, 2, 3]]);
  await harness.createAssigned('b', [[3]]);
  harness.kill(3);
  await harness.pass(3 * DEAD_MS);
  assert.deepEqual(movesOf(harness, 'a'), [[[], []]]);
  assert.deepEqual(movesOf(harness, 'b'), [[[], []]]);
});

test('no more partitions move at a time than allowed, the most endangered first', async () => {
  const harness = await clusterOf({ ...NO_RACKS, 5: undefined }, ['self.healing.concurrent.moves=2']);
  await harness.createAssigned('a', [
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
    [1, 4, 3],
  ]);
  harness.kill(3);
  harness.kill(4);
  await harness.pass(DEAD_MS + 6000);
  const moving = () => movesOf(harness, 'a').map(([removing]) => removing!.length > 0);
  assert.equal(moving().filter(Boolean).length, 2);
  assert.ok(moving()[3]);
  await catchUp(harness, 'a');
  await harness.pass(2000);
  assert.equal(moving().filter(Boolean).length, 2);
});

test('it can be switched off', async () => {
  const harness = await clusterOf(NO_RACKS, ['self.healing.enable=false']);
  await harness.createAssigned('a', [[1, 2, 3]]);
  harness.kill(3);
  await harness.pass(3 * DEAD_MS);
  assert.deepEqual(movesOf(harness, 'a'), [[[], []]]);
});

test('a new broker gets its share, no leaders are taken, and racks stay apart', async () => {
  const harness = await clusterOf({ 1: 'a', 2: 'b', 3: 'b' });
  await harness.createAssigned(
    'a',
    Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? [1, 2] : [1, 3])),
  );
  await harness.start([4], { rack: 'a' });
  for (let round = 0; round < 6; round++) {
    await harness.pass(DEAD_MS);
    await catchUp(harness, 'a');
  }
  const counts = new Map<number, number>();
  for (const replicas of replicasOf(harness, 'a')) {
    for (const replica of replicas) counts.set(replica, (counts.get(replica) ?? 0) + 1);
    const racks = replicas.map(id => harness.broker(id).rack).sort();
    assert.deepEqual(racks, ['a', 'b']);
  }
  // Broker 1 leads all that it has; what it could give away, it would have to stop leading first.
  assert.deepEqual([...counts].sort(), [
    [1, 12],
    [2, 6],
    [3, 6],
  ]);
});

test('a new broker without racks gets replicas until it has about its share', async () => {
  const harness = await clusterOf({ 1: undefined, 2: undefined, 3: undefined });
  await harness.createAssigned(
    'a',
    Array.from({ length: 12 }, (_, at) => [1 + (at % 3), 1 + ((at + 1) % 3)]),
  );
  await harness.start([4]);
  for (let round = 0; round < 6; round++) {
    await harness.pass(DEAD_MS);
    await catchUp(harness, 'a');
  }
  const count = replicasOf(harness, 'a')
    .flat()
    .filter(replica => replica === 4).length;
  assert.equal(count, 6);
  await harness.pass(DEAD_MS * 3);
  assert.deepEqual(movesOf(harness, 'a').flat(2), []);
});
