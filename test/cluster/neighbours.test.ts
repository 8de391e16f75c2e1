import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata } from '../../src/messages/03_metadata.ts';
import { failed } from '../../src/model/failure.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { BROKER_PORT, ClusterWorld, type Machine } from '../support/cluster_world.ts';

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
  assert.ok(tookMs < 2_100, `${tookMs} ms`);
  assert.equal(metadata.topics[0]!.partitions.length, 3);
  assert.ok(asked.broker!.image.cluster.brokers.has(asNodeId(2)));
});

test('who asks while the system clears up after a dead process is told of the next leader', async () => {
  // The process is dead from the start: it is the system that ends its connections later, in any order.
  const cases = [
    { name: 'nothing is closed yet', listensMs: 1, clientFirst: false },
    { name: 'connections are closed, its listener is not', listensMs: 1, clientFirst: true },
    { name: 'the same on a slow machine', listensMs: 200, clientFirst: true },
    { name: 'all is closed late', listensMs: 400, clientFirst: false },
  ];
  const world = await replicated();
  for (const { name, listensMs, clientFirst } of cases) {
    const victim = leaderOf(world, world.active!);
    const asked = world.all.find(machine => machine !== victim)!;
    victim.pause();
    if (clientFirst) victim.dropConnections();
    await world.time.advance(0.1);
    world.time.schedule(listensMs, () => victim.kill());
    const told = (await world.metadata(asked.id, 'led')).topics[0]!.partitions.find(
      partition => partition.partitionIndex === 0,
    )!;
    assert.notEqual(told.leaderId, victim.id, name);
    assert.ok(told.leaderId > 0, name);
    await world.until(() => !victim.isRunning);
    await world.start();
    const ids = world.all.map(machine => asNodeId(machine.id));
    await world.until(() => {
      const { cluster, topics } = asked.broker!.image;
      const isr = topics.byName('led')!.partitions[0]!.isr;
      return ids.every(id => cluster.brokers.get(id)?.fenced === false && isr.includes(id));
    });
    await world.time.advance(500);
  }
});

test('a broker that hangs holds up clients once, for a moment', async () => {
  const world = await replicated();
  const asked = world.active!;
  const other = world.all.find(machine => machine !== asked)!;
  const tookMs = async (): Promise<number> => {
    const startedMs = world.time.nowMs;
    await world.metadata(asked.id, 'led');
    return world.time.nowMs - startedMs;
  };
  other.pause();
  const first = await tookMs();
  const second = await tookMs();
  assert.ok(first >= 450 && first < 550, `${first} ms`);
  assert.ok(second < 20, `${second} ms`);
  // It is asked again once it has shown up.
  other.resume();
  await world.time.advance(4_000);
  assert.ok((await tookMs()) < 20);
  other.pause();
  assert.ok((await tookMs()) >= 450);
});

test('clients that ask at the same time share the questions to the neighbours', async () => {
  const world = await replicated();
  const asked = world.active!;
  const other = world.all.find(machine => machine !== asked)!;
  let sent = 0;
  world.network.link(asked.host, other.host).onSend = () => sent++;
  const clock = new SimulatedClock(world.time);
  const network = world.network.host('client').open(clock);
  const request = {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  };
  const answers = Array.from({ length: 200 }, (_, id) => {
    const client = new PeerClient({ network, clock, clientId: `client-${id}` });
    return client.send({ host: asked.host, port: BROKER_PORT }, Metadata, request, { timeoutMs: 1_000 });
  });
  const all = await world.time.run(Promise.all(answers));
  assert.ok(all.every(answer => !failed(answer) && answer.brokers.length === 3));
  assert.ok(sent > 0 && sent < 20, `${sent}`);
});
