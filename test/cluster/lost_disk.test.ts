import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { asNodeId } from '../../src/model/ids.ts';
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
