import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeCluster } from '../../src/messages/60_describe_cluster.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { ClusterWorld, CONTROLLER_PORT } from '../support/cluster_world.ts';

const CLUSTER = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };

async function combined(nodes: number): Promise<ClusterWorld> {
  const world = new ClusterWorld({ combined: nodes });
  await world.start();
  return world;
}

test('three nodes form a cluster, and any of them creates topics', async () => {
  const world = await combined(3);
  const clusterIds = new Set(world.all.map(machine => machine.broker?.clusterId));
  assert.equal(clusterIds.size, 1);
  for (const { id } of world.all) {
    const name = `through-${id}`;
    const created = await world.createTopic(id, name, { partitions: 3 });
    assert.equal(created.errorCode, Errors.NONE, created.errorMessage ?? '');
    // The node that was asked knows of it at once, whoever decided.
    const metadata = await world.metadata(id, name);
    assert.equal(metadata.topics[0]!.errorCode, Errors.NONE);
    const leaders = metadata.topics[0]!.partitions.map(partition => partition.leaderId);
    assert.deepEqual([...leaders].sort(), [1, 2, 3]);
    assert.equal(metadata.brokers.length, 3);
  }
});

test('what the controller refuses is refused to the client of another node in the same words', async () => {
  const world = await combined(3);
  const other = world.all.find(machine => machine !== world.active)!;
  const here = await world.createTopic(world.active!.id, 'wide', { replicas: 9 });
  const there = await world.createTopic(other.id, 'wide', { replicas: 9 });
  assert.equal(there.errorCode, Errors.INVALID_REPLICATION_FACTOR);
  assert.deepEqual(there, here);
});

test('every version of a request is passed on', async () => {
  const world = await combined(3);
  const other = world.all.find(machine => machine !== world.active)!;
  for (let version = 2; version <= 7; version++) {
    const created = await world.createTopic(other.id, `v${version}`, { version });
    assert.equal(created.errorCode, Errors.NONE);
  }
});

test('a request that finds no controller waits for the next one', async () => {
  const world = await combined(3);
  const old = world.active!;
  const other = world.all.find(machine => machine !== old)!;
  old.kill();
  const created = await world.createTopic(other.id, 'after');
  assert.equal(created.errorCode, Errors.NONE);
  assert.notEqual(world.active, old);
});

test('a request whose controller hangs goes to the next one as soon as there is one', async () => {
  const world = await combined(3);
  const old = world.active!;
  const other = world.all.find(machine => machine !== old)!;
  old.pause();
  const startedMs = world.time.nowMs;
  const created = await world.createTopic(other.id, 'after');
  assert.equal(created.errorCode, Errors.NONE);
  assert.ok(world.time.nowMs - startedMs < 5_000, `${world.time.nowMs - startedMs} ms`);
});

test('without a majority of the controllers a request fails when its time is over', async () => {
  const world = await combined(3);
  const [one, ...others] = world.all;
  for (const machine of others) machine.kill();
  const created = await world.createTopic(one!.id, 'never');
  assert.ok(
    ([Errors.NOT_CONTROLLER, Errors.REQUEST_TIMED_OUT] as number[]).includes(created.errorCode),
    `${created.errorCode}`,
  );
});

test('brokers and controllers on nodes of their own', async () => {
  const world = new ClusterWorld({ controllers: 3, brokers: 2 });
  await world.start();
  const created = await world.createTopic(4, 'apart', { partitions: 2 });
  assert.equal(created.errorCode, Errors.NONE);
  const metadata = await world.metadata(5, 'apart');
  assert.deepEqual(metadata.brokers.map(broker => broker.nodeId).sort(), [4, 5]);
  // A client is told of a broker that passes on what is for the controller.
  assert.ok([4, 5].includes(metadata.controllerId));
  const brokers = await world.ask(5, DescribeCluster, CLUSTER);
  assert.deepEqual(brokers.brokers.map(broker => broker.brokerId).sort(), [4, 5]);
});

test('controllers make themselves known, and tell of each other', async () => {
  const world = new ClusterWorld({ controllers: 3, brokers: 1 });
  await world.start();
  await world.until(() => world.active!.broker!.image.cluster.controllers.size === 3);
  const asked = { ...CLUSTER, endpointType: 2 };
  const { id } = world.active!;
  const controllers = await world.ask(id, DescribeCluster, asked, { port: CONTROLLER_PORT });
  assert.deepEqual(controllers.brokers.map(node => node.brokerId).sort(), [1, 2, 3]);
  assert.equal(controllers.controllerId, id);
});

test('a node that waits for the others of its cluster can be stopped', async () => {
  const world = new ClusterWorld({ combined: 3 });
  const [alone] = world.all;
  const started = alone!.tryToStart();
  await world.time.advance(2_000);
  await world.time.run(alone!.stop(), { limitMs: 1_000 });
  assert.match(String(await started), /was stopped/);
});
