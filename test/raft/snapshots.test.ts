import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchSnapshot } from '../../src/messages/59_fetch_snapshot.ts';
import { failed } from '../../src/model/failure.ts';
import type { Offset } from '../../src/model/ids.ts';
import { type QuorumMember, QuorumWorld } from '../support/quorum_world.ts';

/** The member's state becomes a snapshot, and the log before it goes. */
async function snapshot(world: QuorumWorld, member: QuorumMember): Promise<bigint> {
  const { end, values } = member.listener;
  const id = await world.time.run(member.node.takeSnapshot(end as Offset, values));
  assert(!failed(id), String(id));
  return id.endOffset;
}

test('who is behind the log gets the latest snapshot, and then the log', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const late = world.all.filter(member => member !== leader && member.id !== 101)[0]!;
  late.kill();
  world.member(101).kill();
  for (let index = 0; index < 10; index++) await world.commit(`b${index}`);
  await snapshot(world, leader);
  await world.commit('c');
  // The first snapshot goes when there is a second.
  const end = await snapshot(world, leader);
  assert.equal(leader.log.startOffset, end);
  await late.start();
  await world.member(101).start();
  await world.commit('d');
  assert.equal(late.log.startOffset, end);
  assert.deepEqual(late.listener.values.map(String), world.checker.values);
  late.crash();
  await late.start();
  await world.commit('e');
  assert.deepEqual(late.listener.values.map(String), world.checker.values);
});

test('a large snapshot comes in pieces, and a lost piece is asked for again', async () => {
  const world = new QuorumWorld({ voters: 3, settings: { requestTimeoutMs: 1_000, fetchTimeoutMs: 2_000 } });
  await world.startAll();
  const leader = await world.untilLeader();
  const late = world.all.find(member => member !== leader)!;
  late.kill();
  const value = 'x'.repeat(3_000_000);
  for (let index = 0; index < 9; index++) await world.commit(`${index}${value}`);
  await snapshot(world, leader);
  await world.commit('more');
  await snapshot(world, leader);
  const positions: bigint[] = [];
  world.onSend = ({ api, from, request }) => {
    if (api !== FetchSnapshot || from !== late.id) return;
    positions.push(
      (request as { topics: [{ partitions: [{ position: bigint }] }] }).topics[0].partitions[0].position,
    );
    if (positions.length === 2) world.partition([late.id], [leader.id]);
  };
  await late.start();
  await world.until(() => positions.length === 2);
  await world.advance(100);
  world.heal();
  await world.commit('last');
  assert(positions.length >= 5, `it came in ${positions.length} pieces`);
  assert.equal(positions[0], 0n);
  assert.equal(positions[1], positions[2], 'the piece that was lost is asked for again');
  assert.equal(late.listener.values.length, world.checker.values.length);
});

test('a request for a piece that is not there is refused with the code of Kafka', async () => {
  const world = new QuorumWorld({ voters: 1, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const end = await snapshot(world, leader);
  const { epoch } = leader.node.leaderAndEpoch;
  const good = {
    partition: 0,
    currentLeaderEpoch: epoch,
    snapshotId: { endOffset: end, epoch },
    position: 0n,
    replicaDirectoryId: leader.directoryId,
  };
  const ask = async (
    member: QuorumMember,
    partition: object,
    name = '__cluster_metadata',
    clusterId: string | null = null,
  ) => {
    const topics = [{ name, partitions: [{ ...good, ...partition }] }];
    const request = { clusterId, replicaId: 101, maxBytes: 100, topics } as never;
    const answer = await world.time.run(member.node.handleFetchSnapshot(request, { version: 1 }));
    return [answer.errorCode, answer.topics[0]?.partitions[0]?.errorCode];
  };
  assert.deepEqual(await ask(leader, {}), [0, 0]);
  assert.deepEqual(await ask(leader, { snapshotId: { endOffset: end + 1n, epoch } }), [0, 98]);
  assert.deepEqual(await ask(leader, { snapshotId: { endOffset: 0n, epoch: 0 } }), [0, 98]);
  assert.deepEqual(await ask(leader, { position: -1n }), [0, 99]);
  assert.deepEqual(await ask(leader, { position: 1_000_000n }), [0, 99]);
  assert.deepEqual(await ask(leader, { currentLeaderEpoch: epoch - 1 }), [0, 74]);
  assert.deepEqual(await ask(leader, { currentLeaderEpoch: epoch + 1 }), [0, 75]);
  assert.deepEqual(await ask(leader, {}, 'another'), [0, 3]);
  assert.deepEqual(await ask(leader, {}, '__cluster_metadata', 'another'), [104, undefined]);
  assert.deepEqual(await ask(world.member(101), {}), [0, 6]);
});
