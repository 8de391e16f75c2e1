import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOf } from '../../src/coordinator/partition_of.ts';
import { Produce } from '../../src/messages/00_produce.ts';
import { OffsetFetch } from '../../src/messages/09_offset_fetch.ts';
import { FindCoordinator } from '../../src/messages/10_find_coordinator.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { GROUP_OFFSETS_TOPIC } from '../../src/model/topic_name.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { ClusterWorld, type Machine } from '../support/cluster_world.ts';

const GROUP = 'workers';
const NOBODY = -1;

async function findCoordinator(world: ClusterWorld, { id }: Machine) {
  const request = { key: '', keyType: 0, coordinatorKeys: [GROUP] };
  return (await world.ask(id, FindCoordinator, request)).coordinators[0]!;
}

async function produce(world: ClusterWorld, { id }: Machine) {
  const batch = buildBatch([{ timestamp: 0n, key: null, value: Buffer.from('a') }], {});
  const request = {
    transactionalId: null,
    acks: -1,
    timeoutMs: 20_000,
    topicData: [{ name: 'led', partitionData: [{ index: 0, records: [batch.buffer] }] }],
  };
  return (await world.ask(id, Produce, request, { maxVersion: 12 })).responses[0]!.partitionResponses[0]!;
}

test('a leader that is cut off from the others, and not from clients, does not name itself', async () => {
  const world = new ClusterWorld({
    combined: 3,
    settings: ['offsets.topic.num.partitions=3', 'offsets.topic.replication.factor=3'],
  });
  await world.start();
  await world.createTopic(1, 'led', { replicas: 3 });
  const { leaderId } = (await world.metadata(1, 'led')).topics[0]!.partitions[0]!;
  const leader = world.machine(leaderId);
  await world.until(() => leader.broker!.image.topics.byName('led')!.partitions[0]!.isr.length === 3);
  const others = world.all.filter(machine => machine !== leader);
  world.network.partition(
    [leader.host],
    others.map(({ host }) => host),
  );

  const refused = await produce(world, leader);
  assert.equal(refused.errorCode, Errors.NOT_LEADER_OR_FOLLOWER);
  assert.equal(refused.currentLeader?.leaderId ?? NOBODY, NOBODY);
  const again = await produce(world, leader);
  assert.equal(again.errorCode, Errors.NOT_LEADER_OR_FOLLOWER);
  assert.equal(again.currentLeader?.leaderId ?? NOBODY, NOBODY);

  const told = (await world.metadata(leader.id, 'led')).topics[0]!.partitions[0]!;
  assert.equal(told.errorCode, Errors.LEADER_NOT_AVAILABLE);
  const next = (await world.metadata(others[0]!.id, 'led')).topics[0]!.partitions[0]!;
  assert.ok(others.some(({ id }) => id === next.leaderId));
});

test('a coordinator that is cut off from the others, and not from clients, does not name itself', async () => {
  const world = new ClusterWorld({
    combined: 3,
    settings: ['offsets.topic.num.partitions=3', 'offsets.topic.replication.factor=3'],
  });
  await world.start();
  await world.until(() => world.active !== undefined);
  let found = await findCoordinator(world, world.machine(1));
  while (found.errorCode !== Errors.NONE) {
    await world.time.advance(100);
    found = await findCoordinator(world, world.machine(1));
  }
  const coordinator = world.machine(found.nodeId);
  const index = partitionOf(GROUP, 3);
  const isr = () => coordinator.broker!.image.topics.byName(GROUP_OFFSETS_TOPIC)!.partitions[index]!.isr;
  await world.until(() => isr().length === 3);
  const others = world.all.filter(machine => machine !== coordinator);
  world.network.partition(
    [coordinator.host],
    others.map(({ host }) => host),
  );
  await world.time.advance(5_000);

  const offsets = await world.ask(coordinator.id, OffsetFetch, {
    groupId: '',
    topics: [],
    groups: [{ groupId: GROUP, topics: null }],
    requireStable: false,
  });
  assert.equal(offsets.groups[0]!.errorCode, Errors.NOT_COORDINATOR);
  assert.equal((await findCoordinator(world, coordinator)).errorCode, Errors.COORDINATOR_NOT_AVAILABLE);
  const next = await findCoordinator(world, others[0]!);
  assert.equal(next.errorCode, Errors.NONE);
  assert.notEqual(next.nodeId, coordinator.id);
});
