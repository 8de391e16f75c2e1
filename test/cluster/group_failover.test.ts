import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OffsetCommit } from '../../src/messages/08_offset_commit.ts';
import { OffsetFetch } from '../../src/messages/09_offset_fetch.ts';
import { FindCoordinator } from '../../src/messages/10_find_coordinator.ts';
import { JoinGroup } from '../../src/messages/11_join_group.ts';
import { Heartbeat } from '../../src/messages/12_heartbeat.ts';
import { SyncGroup } from '../../src/messages/14_sync_group.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { ClusterWorld } from '../support/cluster_world.ts';

const GROUP = 'group';
const SETTINGS = ['offsets.topic.num.partitions=4', 'group.initial.rebalance.delay.ms=0'];
const LIMIT_MS = 60_000;

/** Asks a node until it answers to the point. */
async function until<T>(world: ClusterWorld, ask: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = world.time.nowMs + LIMIT_MS; ; await world.time.advance(50)) {
    assert.ok(world.time.nowMs < endMs, 'the cluster did not come to it');
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
}

/** The node that coordinates the group, according to another one. */
function coordinatorOf(world: ClusterWorld, askedId: number): Promise<number> {
  return until(world, async () => {
    const request = { key: GROUP, keyType: 0, coordinatorKeys: [] };
    const found = await world.time.run(world.tryToAsk(askedId, FindCoordinator, request, { maxVersion: 3 }));
    return failed(found) || found.errorCode !== Errors.NONE ? undefined : found.nodeId;
  });
}

test('when the coordinator dies another one has the group: its members, their assignment and their offsets', async () => {
  const world = new ClusterWorld({ combined: 3, settings: SETTINGS });
  await world.start();
  const topic = await world.createTopic(1, 'events', { replicas: 3 });
  assert.equal(topic.errorCode, Errors.NONE);
  const first = await coordinatorOf(world, 1);
  const joined = await until(world, async () => {
    const answer = await world.ask(
      first,
      JoinGroup,
      {
        groupId: GROUP,
        sessionTimeoutMs: 60_000,
        rebalanceTimeoutMs: 60_000,
        memberId: '',
        groupInstanceId: 'i1',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      },
      { maxVersion: 5 },
    );
    return answer.errorCode === Errors.NONE ? answer : undefined;
  });
  const { generationId, memberId } = joined;
  const member = { groupId: GROUP, generationId, memberId, groupInstanceId: 'i1' };
  const assignments = [{ memberId, assignment: Buffer.from('all') }];
  const synced = await world.ask(first, SyncGroup, { ...member, assignments }, { maxVersion: 3 });
  assert.equal(synced.errorCode, Errors.NONE);
  const partitions = [{ partitionIndex: 0, committedOffset: 42n, committedMetadata: '' }];
  const commit = {
    groupId: GROUP,
    generationIdOrMemberEpoch: generationId,
    memberId,
    groupInstanceId: 'i1',
    topics: [{ name: 'events', partitions }],
  };
  const committed = await world.ask(first, OffsetCommit, commit, { maxVersion: 8 });
  assert.equal(committed.topics[0]!.partitions[0]!.errorCode, Errors.NONE);

  world.machine(first).kill();
  const asked = first === 1 ? 2 : 1;
  const second = await until(world, async () => {
    const id = await coordinatorOf(world, asked);
    if (id === first) return undefined;
    const { errorCode } = await world.ask(id, Heartbeat, member, { maxVersion: 3 });
    return errorCode === Errors.NONE ? id : undefined;
  });
  const again = await world.ask(second, SyncGroup, { ...member, assignments: [] }, { maxVersion: 3 });
  assert.deepEqual([again.errorCode, again.assignment.toString()], [Errors.NONE, 'all']);
  const fetched = await until(world, async () => {
    const request = { groupId: GROUP, topics: [{ name: 'events', partitionIndexes: [0] }], groups: [] };
    const answer = await world.ask(second, OffsetFetch, request, { maxVersion: 5 });
    return answer.errorCode === Errors.NONE ? answer : undefined;
  });
  assert.equal(fetched.topics[0]!.partitions[0]!.committedOffset, 42n);
});
