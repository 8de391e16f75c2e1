import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asNodeId } from '../../src/model/ids.ts';
import { ClusterWorld, type Machine } from '../support/cluster_world.ts';

async function replicated(): Promise<ClusterWorld> {
  const world = new ClusterWorld({ combined: 3 });
  await world.start();
  await world.createTopic(1, 'led', { partitions: 3, replicas: 3 });
  await world.until(() => world.active!.broker!.image.topics.byName('led')!.partitions[0]!.isr.length === 3);
  // The brokers have their connections to each other by now.
  await world.time.advance(500);
  return world;
}

const leaderOf = (world: ClusterWorld, seenFrom: Machine, index = 0): Machine =>
  world.machine(seenFrom.broker!.image.topics.byName('led')!.partitions[index]!.leader);

test('who asks for the leader in the moment of its death is told of the next one', async () => {
  const world = await replicated();
  for (const index of [0, 1, 2]) {
    const victim = leaderOf(world, world.active!, index);
    const asked = world.all.find(machine => machine !== victim && machine.isRunning)!;
    victim.kill();
    // The end of the connections is on its way.
    await world.time.advance(1);
    const metadata = await world.metadata(asked.id, 'led');
    const told = metadata.topics[0]!.partitions.find(partition => partition.partitionIndex === index)!;
    assert.notEqual(told.leaderId, victim.id);
    assert.ok(told.leaderId > 0);
    // Its address stays known for a moment: clients that find it gone forget more than they should.
    assert.equal(metadata.brokers.length, 3);
    await world.start();
    await world.until(() => leaderOf(world, asked, index).isRunning);
  }
});

test('a broker that is gone for longer is not named any more', async () => {
  const world = await replicated();
  const victim = world.all.find(machine => machine !== world.active)!;
  victim.kill();
  await world.time.advance(6_000);
  const metadata = await world.metadata(world.active!.id, 'led');
  assert.ok(!metadata.brokers.some(broker => broker.nodeId === victim.id));
});

test('a broker that only dropped its connection is still named, at once', async () => {
  const world = await replicated();
  const asked = world.active!;
  const other = world.all.find(machine => machine !== asked)!;
  world.network.partition([asked.host], [other.host]);
  await world.time.advance(100);
  world.network.heal();
  const startedMs = world.time.nowMs;
  const metadata = await world.metadata(asked.id, 'led');
  assert.equal(metadata.brokers.length, 3);
  assert.ok(world.time.nowMs - startedMs < 20);
});

test('clients are answered when the cluster can not decide', async () => {
  const world = await replicated();
  const [asked, ...others] = world.all as [Machine, ...Machine[]];
  for (const machine of others) machine.kill();
  await world.time.advance(1);
  const startedMs = world.time.nowMs;
  const metadata = await world.metadata(asked.id, 'led');
  const tookMs = world.time.nowMs - startedMs;
  assert.ok(tookMs < 700, `${tookMs} ms`);
  assert.equal(metadata.topics[0]!.partitions.length, 3);
  assert.ok(asked.broker!.image.cluster.brokers.has(asNodeId(2)));
});
