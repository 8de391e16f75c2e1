import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { type Failure, failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import {
  type FetchAnswer,
  type FetchContext,
  type FetchPartition,
  type FetchSessionRequest,
  FetchSessions,
} from '../../src/replica/fetch_sessions.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';

const EVICTION_MS = 120_000;

function want(topic: string, index = 0, fetchOffset = 0n): FetchPartition {
  return {
    topic,
    topicId: ZERO_UUID,
    index: asPartitionIndex(index),
    fetchOffset,
    maxBytes: 1000,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
  };
}

const quiet: FetchAnswer = {
  errorCode: 0,
  highWatermark: 5n,
  logStartOffset: 0n,
  recordsBytes: 0,
  mustBeTold: false,
};

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: readonly FetchPartition[] = [],
  more: Partial<FetchSessionRequest> = {},
): FetchSessionRequest {
  return {
    sessionId,
    sessionEpoch,
    partitions,
    forgotten: [],
    usesTopicIds: false,
    isFollower: false,
    ...more,
  };
}

const make = (maxSessions = 10) =>
  new FetchSessions({ random: new SeededRandom(1), maxSessions, evictionMs: EVICTION_MS });

function opened(context: FetchContext | Failure): FetchContext {
  assert.ok(!failed(context), String(context));
  return context;
}

/** The partitions whose answers the response holds. */
function answered(context: FetchContext, answer: FetchAnswer = quiet): string[] {
  return context.partitions.filter((_, at) => context.include(at, answer)).map(each => each.topic);
}

test('without a session every answer is told, and none is kept', () => {
  const sessions = make();
  const context = opened(sessions.open(request(0, -1, [want('a')]), 0));
  assert.equal(context.sessionId, 0);
  assert.deepEqual(answered(context), ['a']);
  assert.equal(sessions.sessionCount, 0);
});

test('a session tells all first, then only what changed', () => {
  const sessions = make();
  const first = opened(sessions.open(request(0, 0, [want('a'), want('b')]), 0));
  assert.notEqual(first.sessionId, 0);
  assert.deepEqual(answered(first), ['a', 'b']);
  const id = first.sessionId;
  assert.deepEqual(answered(opened(sessions.open(request(id, 1), 0))), []);
  const changes: [string, Partial<FetchAnswer>][] = [
    ['high watermark', { highWatermark: 6n }],
    ['log start offset', { highWatermark: 6n, logStartOffset: 1n }],
    ['records', { highWatermark: 6n, logStartOffset: 1n, recordsBytes: 9 }],
    ['something to be told', { highWatermark: 6n, logStartOffset: 1n, mustBeTold: true }],
    ['an error', { errorCode: 6, highWatermark: -1n, logStartOffset: 1n }],
    ['the end of the error', { highWatermark: 6n, logStartOffset: 1n }],
  ];
  changes.forEach(([what, change], index) => {
    const context = opened(sessions.open(request(id, 2 + index), 0));
    assert.deepEqual(answered(context, { ...quiet, ...change }).sort(), ['a', 'b'], what);
  });
});

test('partitions are added, changed and forgotten', () => {
  const sessions = make();
  const { sessionId } = opened(sessions.open(request(0, 0, [want('a'), want('b')]), 0));
  const context = opened(
    sessions.open(request(sessionId, 1, [want('a', 0, 7n), want('c')], { forgotten: [want('b')] }), 0),
  );
  assert.deepEqual(
    context.partitions.map(each => [each.topic, each.fetchOffset]),
    [
      ['a', 7n],
      ['c', 0n],
    ],
  );
  assert.equal(sessions.partitionCount, 2);
});

test('partitions that had records go to the end of the line', () => {
  const sessions = make();
  const first = opened(sessions.open(request(0, 0, [want('a'), want('b'), want('c')]), 0));
  const second = opened(sessions.open(request(first.sessionId, 1), 0));
  second.include(0, { ...quiet, recordsBytes: 10 });
  const third = opened(sessions.open(request(first.sessionId, 2), 0));
  assert.deepEqual(
    third.partitions.map(each => each.topic),
    ['b', 'c', 'a'],
  );
});

test('what does not fit the session is refused', () => {
  const sessions = make();
  const { sessionId } = opened(sessions.open(request(0, 0, [want('a')]), 0));
  const cases: [FetchSessionRequest, number][] = [
    [request(sessionId + 1, 1), Errors.FETCH_SESSION_ID_NOT_FOUND],
    [request(sessionId, 2), Errors.INVALID_FETCH_SESSION_EPOCH],
    [request(sessionId, 1, [], { usesTopicIds: true }), Errors.FETCH_SESSION_TOPIC_ID_ERROR],
  ];
  for (const [refused, code] of cases) {
    const result = sessions.open(refused, 0);
    assert.ok(failed(result));
    assert.equal(result.code, code);
  }
});

test('epoch -1 and epoch 0 end the session that they name', () => {
  for (const epoch of [-1, 0]) {
    const sessions = make();
    const { sessionId } = opened(sessions.open(request(0, 0, [want('a')]), 0));
    opened(sessions.open(request(sessionId, epoch, [want('a')]), 0));
    const result = sessions.open(request(sessionId, 1), 0);
    assert.ok(failed(result) && result.code === Errors.FETCH_SESSION_ID_NOT_FOUND);
  }
});

test('a session without partitions ends', () => {
  const sessions = make();
  const { sessionId } = opened(sessions.open(request(0, 0, [want('a')]), 0));
  const context = opened(sessions.open(request(sessionId, 1, [], { forgotten: [want('a')] }), 0));
  assert.equal(context.sessionId, 0);
  assert.equal(sessions.sessionCount, 0);
  assert.equal(sessions.partitionCount, 0);
});

test('sessions are bounded: a stale, a less privileged or a smaller one makes room, else there is none', () => {
  const sessions = make(1);
  const open = (partitions: FetchPartition[], nowMs: number, isFollower = false) =>
    opened(sessions.open(request(0, 0, partitions, { isFollower }), nowMs)).sessionId;
  const first = open([want('a'), want('b')], 0);
  assert.notEqual(first, 0);
  assert.equal(open([want('c')], 1), 0, 'a young session stays');
  const follower = open([want('c')], 2, true);
  assert.notEqual(follower, 0, 'a follower replaces a consumer');
  assert.equal(open([want('a'), want('b'), want('c')], 3 + EVICTION_MS / 2), 0, 'a consumer no follower');
  assert.notEqual(open([want('d')], 3 + EVICTION_MS), 0, 'a stale session makes room');
  assert.equal(sessions.sessionCount, 1);
});

test('each request of a session has the next epoch', () => {
  const sessions = make();
  const { sessionId } = opened(sessions.open(request(0, 0, [want('a')]), 0));
  opened(sessions.open(request(sessionId, 1), 0));
  opened(sessions.open(request(sessionId, 2), 0));
  const refused = sessions.open(request(sessionId, 2), 0);
  assert.ok(failed(refused) && refused.code === Errors.INVALID_FETCH_SESSION_EPOCH);
});
