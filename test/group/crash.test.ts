import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OffsetCommit } from '../../src/messages/08_offset_commit.ts';
import { OffsetFetch } from '../../src/messages/09_offset_fetch.ts';
import { FindCoordinator } from '../../src/messages/10_find_coordinator.ts';
import { JoinGroup } from '../../src/messages/11_join_group.ts';
import { Heartbeat } from '../../src/messages/12_heartbeat.ts';
import { SyncGroup } from '../../src/messages/14_sync_group.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DeleteTopics } from '../../src/messages/20_delete_topics.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { SingleNode } from '../support/single_node.ts';

const GROUP = 'group';

async function createTopic(node: SingleNode, name: string): Promise<void> {
  const topic = { name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] };
  const { topics } = await node.send(CreateTopics, 5, { topics: [topic], timeoutMs: 10_000 });
  assert.equal(topics[0]!.errorCode, Errors.NONE);
}

async function coordinatorIsThere(node: SingleNode): Promise<void> {
  for (;;) {
    const found = await node.send(FindCoordinator, 3, { key: GROUP, keyType: 0, coordinatorKeys: [] });
    const { errorCode } = await node.send(Heartbeat, 0, { groupId: GROUP, generationId: 0, memberId: '' });
    if (found.errorCode === Errors.NONE && errorCode === Errors.UNKNOWN_MEMBER_ID) return;
    await node.time.advance(100);
  }
}

async function commit(node: SingleNode, offset: bigint, topic = 'events'): Promise<number> {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'kept' }];
  const { topics } = await node.send(OffsetCommit, 8, {
    groupId: GROUP,
    topics: [{ name: topic, partitions }],
  });
  return topics[0]!.partitions[0]!.errorCode;
}

async function committed(node: SingleNode, topic = 'events') {
  const { topics } = await node.send(OffsetFetch, 5, {
    groupId: GROUP,
    topics: [{ name: topic, partitionIndexes: [0] }],
    groups: [],
  });
  const { committedOffset, metadata, errorCode } = topics[0]!.partitions[0]!;
  return [committedOffset, metadata, errorCode];
}

test('what a group was told survives kill -9: its offsets, its members and their assignment', async () => {
  const node = await SingleNode.start([
    'offsets.topic.num.partitions=3',
    'group.initial.rebalance.delay.ms=0',
  ]);
  await createTopic(node, 'events');
  await coordinatorIsThere(node);
  for (let offset = 1n; offset <= 20n; offset++) assert.equal(await commit(node, offset), Errors.NONE);
  const member = await node.send(JoinGroup, 5, {
    groupId: GROUP,
    sessionTimeoutMs: 60_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    groupInstanceId: 'i1',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  });
  const { generationId, memberId } = member;
  const sync = (assignments: { memberId: string; assignment: Buffer }[]) =>
    node.send(SyncGroup, 3, { groupId: GROUP, generationId, memberId, groupInstanceId: 'i1', assignments });
  assert.equal((await sync([{ memberId, assignment: Buffer.from('all') }])).errorCode, Errors.NONE);

  await node.restart();
  await coordinatorIsThere(node);
  assert.deepEqual(await committed(node), [20n, 'kept', Errors.NONE]);
  assert.equal((await sync([])).assignment.toString(), 'all');
  const beat = await node.send(Heartbeat, 3, {
    groupId: GROUP,
    generationId,
    memberId,
    groupInstanceId: 'i1',
  });
  assert.equal(beat.errorCode, Errors.NONE);
  await node.stop();
});

test('a topic that is deleted takes the offsets with it, for its successor too', async () => {
  const node = await SingleNode.start(['offsets.topic.num.partitions=3']);
  await createTopic(node, 'events');
  await createTopic(node, 'others');
  await coordinatorIsThere(node);
  await commit(node, 7n);
  await commit(node, 8n, 'others');
  await node.send(DeleteTopics, 5, { topics: [], topicNames: ['events'], timeoutMs: 10_000 });
  assert.equal(await commit(node, 9n), Errors.UNKNOWN_TOPIC_OR_PARTITION);
  await createTopic(node, 'events');
  assert.deepEqual(await committed(node), [-1n, '', Errors.NONE]);
  assert.deepEqual(await committed(node, 'others'), [8n, 'kept', Errors.NONE]);
  await node.restart();
  await coordinatorIsThere(node);
  assert.deepEqual(await committed(node), [-1n, '', Errors.NONE]);
  await node.stop();
});

test('a member that waits for the others is told when the node stops', async () => {
  const node = await SingleNode.start([
    'offsets.topic.num.partitions=1',
    'group.initial.rebalance.delay.ms=60000',
  ]);
  await coordinatorIsThere(node);
  const joined = node.ask('member', JoinGroup, 3, {
    groupId: GROUP,
    sessionTimeoutMs: 60_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  });
  await node.time.advance(1_000);
  await node.time.run(node.broker.stop());
  assert.equal((await joined).errorCode, Errors.NOT_COORDINATOR);
});
