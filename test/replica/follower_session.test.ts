import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asOffset, asPartitionIndex, asUuid } from '../../src/model/ids.ts';
import type { FollowedPartition, Wanted } from '../../src/replica/followed_partition.ts';
import { FollowerSession } from '../../src/replica/follower_session.ts';

const TOPIC_IDS = ['a', 'b'].map(name => asUuid(name));

const followed = (topic: number, index: number) =>
  ({
    partition: { topicId: TOPIC_IDS[topic]!, index: asPartitionIndex(index) },
    told: undefined,
  }) as unknown as FollowedPartition;

const wanted = (offset: bigint): Wanted => ({
  fetchOffset: asOffset(offset),
  lastFetchedEpoch: 1,
  logStartOffset: asOffset(0n),
  currentLeaderEpoch: 2,
});

test('the first request names everything, later ones what changed, by topic', () => {
  const session = new FollowerSession();
  const [first, second, third] = [followed(0, 0), followed(0, 1), followed(1, 0)];
  const all = session.request(
    [first!, second!, third!].map(each => [each, wanted(5n)] as const),
    [],
    100,
  );
  assert.deepEqual([all.sessionId, all.sessionEpoch], [0, 0]);
  assert.deepEqual(
    all.topics.map(topic => [topic.topicId, topic.partitions.map(each => each.partition)]),
    [
      ['a', [0, 1]],
      ['b', [0]],
    ],
  );
  assert.equal(all.topics[0]?.partitions[0]?.partitionMaxBytes, 100);
  session.answered(77);
  const next = session.request([[second!, wanted(6n)]], [third!], 100);
  assert.deepEqual([next.sessionId, next.sessionEpoch], [77, 1]);
  assert.deepEqual(
    next.topics.map(topic => topic.partitions.length),
    [1],
  );
  assert.deepEqual(next.forgottenTopicsData, [{ topicId: 'b', partitions: [0] }]);
  assert.equal(second!.told?.fetchOffset, 6n);
  assert.equal(third!.told, undefined);
});

test('after a failure the old session is ended with a new one', () => {
  const session = new FollowerSession();
  session.request([[followed(0, 0), wanted(0n)]], [], 1);
  session.answered(77);
  session.failed();
  assert.equal(session.isOpen, false);
  const { sessionId, sessionEpoch, forgottenTopicsData } = session.request([], [followed(0, 1)], 1);
  assert.deepEqual([sessionId, sessionEpoch], [77, 0]);
  assert.deepEqual(forgottenTopicsData, [], 'nothing is known there, so nothing is to be forgotten');
});

test('a leader that gives no session is told everything each time', () => {
  const session = new FollowerSession();
  session.request([[followed(0, 0), wanted(0n)]], [], 1);
  session.answered(0);
  assert.equal(session.isOpen, false);
  assert.equal(session.request([], [], 1).sessionEpoch, 0);
});

test('an answer of another session ends the one that was used', () => {
  const session = new FollowerSession();
  session.request([], [], 1);
  session.answered(77);
  session.answered(78);
  assert.equal(session.isOpen, false);
});

test('each request has the next epoch', () => {
  const session = new FollowerSession();
  session.request([], [], 1);
  session.answered(77);
  for (let epoch = 1; epoch < 100; epoch++) {
    assert.equal(session.request([], [], 1).sessionEpoch, epoch);
    session.answered(77);
  }
});
