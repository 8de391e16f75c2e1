import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DeleteTopics } from '../../src/messages/20_delete_topics.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { SimulatedDirectory } from '../../src/simulation/simulated_namespace.ts';
import { ClusterWorld } from '../support/cluster_world.ts';

/** The partition as a node's metadata has it. */
function partitionAt(world: ClusterWorld, id: number) {
  return world.machine(id).broker!.image.topics.byName('t')!.partitions[0]!;
}

/** Creates a topic that the broker leads, with replicas on all of three. */
async function createLedBy(world: ClusterWorld, id: number): Promise<void> {
  const brokerIds = [id, ...[1, 2, 3].filter(other => other !== id)];
  const created = await world.ask(1, CreateTopics, {
    topics: [
      {
        name: 't',
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds }],
        configs: [],
      },
    ],
    timeoutMs: 10_000,
  });
  assert.equal(created.topics[0]!.errorCode, 0);
  await world.until(() => partitionAt(world, 1).leader === id);
}

/** Whether the broker itself leads the partition. */
function ledAt(world: ClusterWorld, id: number): boolean {
  return [...(world.machine(id).services?.replicas.partitions() ?? [])].some(each => each.isLeader);
}

test('a broker that lost its disk fills it again, and leads again', async () => {
  const world = new ClusterWorld({ combined: 3 });
  await world.start();
  await createLedBy(world, 3);
  const before = partitionAt(world, 1).directoryOf(asNodeId(3));

  world.machine(3).kill();
  world.machine(3).loseDisk();
  await world.until(() => partitionAt(world, 1).leader === 1);
  await world.start();
  await world.until(() => partitionAt(world, 1).isr.length === 3);
  // Where its replica is now is in the metadata: so it may lead.
  await world.until(() => partitionAt(world, 1).directoryOf(asNodeId(3)) !== before);
  // Its controller takes its old place among the voters.
  await world.time.advance(5_000);
  world.machine(1).kill();
  world.machine(2).kill();
  await world.time.advance(100);
  await world.time.run(world.machine(2).start(), { limitMs: 30_000 });
  await world.until(() => partitionAt(world, 2).leader === 3);
});

test('a leader that comes back without its disk before anyone noticed does not lead what it lacks', async () => {
  const world = new ClusterWorld({ combined: 3, settings: ['broker.session.timeout.ms=5000'] });
  await world.start();
  await createLedBy(world, 3);
  world.network.partition(['node3'], ['node1', 'node2', 'client']);
  world.machine(3).kill();
  world.machine(3).loseDisk();
  world.network.heal();
  const starting = world.machine(3).start();
  let mayHaveLed = false;
  await world.until(() => {
    const told = world.machine(3).services?.metadata.image.topics.byName('t');
    mayHaveLed ||= told?.partitions[0]?.leader === 3;
    assert.ok(!ledAt(world, 3), 'it leads, and has nothing');
    return partitionAt(world, 1).leader !== 3;
  });
  assert.ok(mayHaveLed, 'the metadata had it lead');
  await world.time.run(starting);
});

test('when all crashed at once, those that have the records lead, and not the last leader, whose disk is gone', async () => {
  const world = new ClusterWorld({ combined: 3 });
  await world.start();
  await createLedBy(world, 3);
  await world.until(() =>
    world.all.every(({ services }) => {
      const [replica] = services!.replicas.partitions();
      return replica?.log !== undefined;
    }),
  );
  for (const machine of world.all) machine.kill();
  world.machine(3).loseDisk();
  await world.start();
  await world.until(() => partitionAt(world, 1).leader !== 3 && partitionAt(world, 1).leader >= 0);
  const { leader, leaderRecoveryState } = partitionAt(world, 1);
  assert.ok(leader === 1 || leader === 2);
  assert.equal(leaderRecoveryState, 0);
  await world.until(() => partitionAt(world, 1).isr.length === 3);
});

test('the log of a topic that was deleted meanwhile is set aside', async () => {
  const world = new ClusterWorld({ combined: 3 });
  await world.start();
  await createLedBy(world, 1);
  await world.time.run(world.machine(3).stop());
  const { id } = world.machine(1).broker!.image.topics.byName('t')!;
  const answer = await world.ask(1, DeleteTopics, {
    topics: [{ name: null, topicId: id }],
    timeoutMs: 10_000,
  });
  assert.equal(answer.responses[0]!.errorCode, 0);
  const namesAt3 = () => {
    const data = world.machine(3).disk.namespace.find('/data');
    return data instanceof SimulatedDirectory ? [...data.entries.keys()] : [];
  };
  assert.ok(namesAt3().includes('t-0'));
  await world.start();
  await world.until(() => namesAt3().some(name => /^t-0\.[0-9a-f]{32}-stray$/.test(name)));
  assert.ok(!namesAt3().includes('t-0'));
});
