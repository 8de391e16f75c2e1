import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fetch, FetchRequest } from '../../src/messages/01_fetch.ts';
import { VoteRequest } from '../../src/messages/52_vote.ts';
import { BeginQuorumEpochRequest } from '../../src/messages/53_begin_quorum_epoch.ts';
import { EndQuorumEpochRequest } from '../../src/messages/54_end_quorum_epoch.ts';
import { DescribeQuorum, DescribeQuorumRequest } from '../../src/messages/55_describe_quorum.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import type { Message, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { type QuorumMember, QuorumWorld } from '../support/quorum_world.ts';

const TOPIC = '__cluster_metadata';
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA';
const name = (code: number | undefined) => (code === undefined ? undefined : ERROR_NAMES.get(code));

/** The request as a server gets it. */
function received<M extends Message>(
  declaration: M,
  request: MessageInput<M>,
  version?: number,
): MessageOf<M> {
  const { highest } = parseVersions(declaration.versions);
  const decoded = decode(
    declaration,
    version ?? highest,
    encodeToBuffer(declaration, version ?? highest, request),
  );
  assert(!failed(decoded), String(decoded));
  return decoded;
}

/** The errors of an answer: of its top level, and of its partition. */
function errors(answer: {
  errorCode?: number | undefined;
  topics?: unknown;
  responses?: unknown;
}): (string | undefined)[] {
  const topics = (answer.topics ?? answer.responses) as { partitions: { errorCode: number }[] }[];
  return [name(answer.errorCode), name(topics[0]?.partitions[0]?.errorCode)];
}

async function start(
  voters = 3,
): Promise<{ world: QuorumWorld; leader: QuorumMember; follower: QuorumMember }> {
  const world = new QuorumWorld({ voters, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const follower = world.all.find(member => member !== leader && member.id < 100) ?? world.member(101);
  return { world, leader, follower };
}

test('votes that can not be asked for', async () => {
  const { world, leader, follower } = await start();
  const { epoch } = follower.node.leaderAndEpoch;
  const partition = {
    partitionIndex: 0,
    replicaEpoch: epoch,
    replicaId: leader.id,
    replicaDirectoryId: leader.directoryId,
    voterDirectoryId: follower.directoryId,
    lastOffsetEpoch: epoch,
    lastOffset: 100n,
    preVote: true,
  };
  const ask = async (change: object, outer: object = {}) => {
    const topics = [{ topicName: TOPIC, partitions: [{ ...partition, ...change }] }];
    const request = received(VoteRequest, { clusterId: null, voterId: follower.id, topics, ...outer });
    return errors(await world.time.run(follower.node.handleVote(request, { version: 2 })));
  };
  assert.deepEqual(await ask({}), ['NONE', 'NONE']);
  assert.deepEqual(await ask({}, { clusterId: 'another' }), ['INCONSISTENT_CLUSTER_ID', undefined]);
  assert.deepEqual(await ask({}, { topics: [] }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await ask({}, { topics: [{ topicName: 'x', partitions: [partition] }] }), [
    'INVALID_REQUEST',
    undefined,
  ]);
  assert.deepEqual(await ask({ partitionIndex: 1 }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await ask({ lastOffset: -1n }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await ask({ lastOffsetEpoch: -1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await ask({ lastOffsetEpoch: epoch + 1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await ask({ lastOffsetEpoch: epoch, preVote: false }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await ask({ replicaId: -1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await ask({ replicaEpoch: epoch - 1, lastOffsetEpoch: 0 }), [
    'NONE',
    'FENCED_LEADER_EPOCH',
  ]);
  assert.deepEqual(await ask({ voterDirectoryId: leader.directoryId }), ['NONE', 'INVALID_VOTER_KEY']);
  assert.deepEqual(
    await ask({ voterDirectoryId: ZERO }),
    ['NONE', 'NONE'],
    'a directory that is not named is any',
  );
  assert.deepEqual(await ask({}, { voterId: 77 }), ['NONE', 'INVALID_VOTER_KEY']);
  assert.deepEqual(await ask({}, { voterId: -1 }), ['NONE', 'NONE']);
});

test('epochs that can not begin or end', async () => {
  const { world, leader, follower } = await start();
  const { epoch } = leader.node.leaderAndEpoch;
  const leaderEndpoints = [{ name: 'CONTROLLER', ...leader.endpoint }];
  const begin = async (change: object, outer: object = {}) => {
    const partition = {
      partitionIndex: 0,
      voterDirectoryId: follower.directoryId,
      leaderId: leader.id,
      leaderEpoch: epoch,
    };
    const topics = [{ topicName: TOPIC, partitions: [{ ...partition, ...change }] }];
    const request = { clusterId: null, voterId: follower.id, topics, leaderEndpoints, ...outer };
    const answer = follower.node.handleBeginQuorumEpoch(received(BeginQuorumEpochRequest, request), {
      version: 1,
    });
    return errors(await world.time.run(answer));
  };
  assert.deepEqual(await begin({}), ['NONE', 'NONE']);
  assert.deepEqual(await begin({}, { clusterId: 'another' }), ['INCONSISTENT_CLUSTER_ID', undefined]);
  assert.deepEqual(await begin({}, { topics: [] }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await begin({ leaderEpoch: epoch - 1 }), ['NONE', 'FENCED_LEADER_EPOCH']);
  assert.deepEqual(await begin({ leaderId: -1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await begin({ leaderId: 77 }), ['NONE', 'INVALID_REQUEST'], 'an epoch has one leader');
  assert.deepEqual(await begin({ voterDirectoryId: leader.directoryId }), ['NONE', 'INVALID_VOTER_KEY']);
  const end = async (change: object, outer: object = {}) => {
    const partition = {
      partitionIndex: 0,
      leaderId: leader.id,
      leaderEpoch: epoch,
      preferredSuccessors: [],
      preferredCandidates: [],
    };
    const topics = [{ topicName: TOPIC, partitions: [{ ...partition, ...change }] }];
    const request = { clusterId: null, topics, leaderEndpoints, ...outer };
    const answer = follower.node.handleEndQuorumEpoch(received(EndQuorumEpochRequest, request), {
      version: 1,
    });
    return errors(await world.time.run(answer));
  };
  assert.deepEqual(await end({}, { clusterId: 'another' }), ['INCONSISTENT_CLUSTER_ID', undefined]);
  assert.deepEqual(await end({}, { topics: [] }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await end({ leaderEpoch: epoch - 1 }), ['NONE', 'FENCED_LEADER_EPOCH']);
  assert.deepEqual(await end({ leaderId: 77 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await end({}), ['NONE', 'NONE']);
});

test('fetches that can not be answered, and what the others get', async () => {
  const { world, leader, follower } = await start();
  const { epoch } = leader.node.leaderAndEpoch;
  const end = leader.log.endOffset;
  const send = async (member: QuorumMember, change: object, outer: object = {}, version = 17) => {
    const partition = {
      partition: 0,
      currentLeaderEpoch: epoch,
      fetchOffset: end,
      lastFetchedEpoch: epoch,
      partitionMaxBytes: 1_000_000,
      ...(version < 17 ? {} : { replicaDirectoryId: world.member(101).directoryId }),
      ...change,
    };
    const request = {
      clusterId: null,
      ...(version < 15 ? { replicaId: 101 } : { replicaState: { replicaId: 101, replicaEpoch: -1n } }),
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic: TOPIC, topicId: TOPIC_ID, partitions: [partition] }],
      forgottenTopicsData: [],
      ...outer,
    };
    return await world.time.run(
      member.node.handleFetch(received(FetchRequest, request, version), { version }),
    );
  };
  const errorsOf = async (...args: Parameters<typeof send>) => errors(await send(...args));
  const partitionOf = async (...args: Parameters<typeof send>) =>
    (await send(...args)).responses[0]!.partitions[0]!;

  assert.deepEqual(await errorsOf(leader, {}), ['NONE', 'NONE']);
  assert.deepEqual(await errorsOf(leader, {}, {}, 12), ['NONE', 'NONE'], 'by the name of the topic');
  assert.deepEqual(await errorsOf(leader, {}, { clusterId: 'another' }), [
    'INCONSISTENT_CLUSTER_ID',
    undefined,
  ]);
  assert.deepEqual(await errorsOf(leader, {}, { topics: [] }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await errorsOf(leader, { partition: 1 }), ['INVALID_REQUEST', undefined]);
  assert.deepEqual(await errorsOf(leader, {}, { maxWaitMs: -1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await errorsOf(leader, { fetchOffset: -1n }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await errorsOf(leader, { lastFetchedEpoch: -1 }), ['NONE', 'INVALID_REQUEST']);
  assert.deepEqual(await errorsOf(leader, { lastFetchedEpoch: epoch + 1 }), ['NONE', 'INVALID_REQUEST']);
  const stale = { currentLeaderEpoch: epoch - 1, lastFetchedEpoch: 0 };
  assert.deepEqual(await errorsOf(leader, stale), ['NONE', 'FENCED_LEADER_EPOCH']);
  assert.deepEqual(await errorsOf(leader, { currentLeaderEpoch: epoch + 1 }), [
    'NONE',
    'UNKNOWN_LEADER_EPOCH',
  ]);
  assert.deepEqual(await errorsOf(follower, {}), ['NONE', 'NOT_LEADER_OR_FOLLOWER']);
  const named = await send(follower, {});
  assert.deepEqual(named.nodeEndpoints, [{ nodeId: leader.id, ...leader.endpoint }]);
  assert.deepEqual(named.responses[0]!.partitions[0]!.currentLeader, {
    leaderId: leader.id,
    leaderEpoch: epoch,
  });

  const records = await partitionOf(leader, { fetchOffset: 0n, lastFetchedEpoch: 0 });
  assert(Buffer.concat(records.records as Buffer[]).length > 100);
  assert.equal(records.highWatermark, leader.node.highWatermark);
  const ahead = await partitionOf(leader, { fetchOffset: end + 5n });
  assert.deepEqual(ahead.divergingEpoch, { epoch, endOffset: end });
  assert.deepEqual(ahead.records, []);
  const behind = await partitionOf(leader, { fetchOffset: 1n, lastFetchedEpoch: 0 });
  assert.deepEqual(behind.divergingEpoch, { epoch: 0, endOffset: 0n });
});

test('a fetch waits for records, or for a higher high watermark, or until its time is over', async () => {
  const { world, leader } = await start(1);
  const { epoch } = leader.node.leaderAndEpoch;
  const send = (highWatermark: bigint, replicaId = 55) => {
    const partition = {
      partition: 0,
      currentLeaderEpoch: epoch,
      fetchOffset: leader.log.endOffset,
      lastFetchedEpoch: epoch,
      partitionMaxBytes: 1_000_000,
      highWatermark,
    };
    const request = {
      clusterId: null,
      replicaState: { replicaId, replicaEpoch: -1n },
      maxWaitMs: 300,
      minBytes: 0,
      topics: [{ topicId: TOPIC_ID, partitions: [partition] }],
      forgottenTopicsData: [],
    };
    return leader.node.handleFetch(received(FetchRequest, request), { version: 18 });
  };
  const known = leader.node.highWatermark!;
  const startedMs = world.time.nowMs;
  assert.deepEqual((await world.time.run(send(known))).responses[0]!.partitions[0]!.records, []);
  assert.equal(world.time.nowMs - startedMs, 300, 'nothing came');
  await world.time.run(send(known - 1n));
  assert.equal(world.time.nowMs - startedMs, 300, 'a high watermark that it does not know is told at once');
  const waiting = send(known);
  leader.node.propose(epoch, [Buffer.from('b')]);
  const { records } = (await world.time.run(waiting)).responses[0]!.partitions[0]!;
  assert(Buffer.concat(records as Buffer[]).includes('b'));
  assert(world.time.nowMs - startedMs < 301);
  const first = send(leader.node.highWatermark!, -1);
  const doubled = send(leader.node.highWatermark!);
  await world.time.run(Promise.all([send(leader.node.highWatermark!), doubled]));
  await world.time.run(first);
});

test('the quorum is described by its leader', async () => {
  const { world, leader, follower } = await start();
  await world.advance(500);
  const ask = (
    member: QuorumMember,
    topics: MessageInput<typeof DescribeQuorumRequest>['topics'],
    version = 2,
  ) => {
    const answer = member.node.handleDescribeQuorum(received(DescribeQuorumRequest, { topics }, version), {
      version,
    });
    // Each version takes what it is given.
    encodeToBuffer(DescribeQuorum.response, version, answer);
    return answer;
  };
  const topics = [{ topicName: TOPIC, partitions: [{ partitionIndex: 0 }] }];
  const answer = ask(leader, topics);
  const partition = answer.topics[0]!.partitions[0]!;
  assert.deepEqual([partition.errorCode, partition.leaderId, partition.leaderEpoch], [0, leader.id, 1]);
  assert.equal(partition.highWatermark, leader.node.highWatermark);
  assert.deepEqual(partition.currentVoters.map(voter => voter.replicaId).sort(), [1, 2, 3]);
  assert.deepEqual(
    partition.observers.map(observer => observer.replicaId),
    [101],
  );
  for (const replica of [...partition.currentVoters, ...partition.observers]) {
    assert.equal(replica.replicaDirectoryId, world.member(replica.replicaId).directoryId);
    assert.equal(replica.logEndOffset, leader.log.endOffset);
    const nowMs = leader.process!.clock.nowMs();
    assert(
      Number(replica.lastFetchTimestamp) > nowMs - 200 && Number(replica.lastFetchTimestamp) <= nowMs + 1,
    );
    assert(Number(replica.lastCaughtUpTimestamp) > nowMs - 400);
  }
  assert.deepEqual(answer.nodes.map(node => node.nodeId).sort(), [1, 2, 3]);
  for (const version of [0, 1])
    assert.equal(ask(leader, topics, version).topics[0]!.partitions[0]!.errorCode, 0);
  assert.equal(name(ask(follower, topics).topics[0]!.partitions[0]!.errorCode), 'NOT_LEADER_OR_FOLLOWER');
  const unknown = ask(leader, [{ topicName: 'x', partitions: [{ partitionIndex: 3 }] }]);
  assert.equal(name(unknown.topics[0]!.partitions[0]!.errorCode), 'UNKNOWN_TOPIC_OR_PARTITION');
});

test('a node that has ended answers nothing', async () => {
  const { world, leader } = await start();
  const { node } = leader;
  await world.time.run(node.close());
  const request = received(VoteRequest, { clusterId: null, voterId: -1, topics: [] });
  assert.equal(name((await node.handleVote(request, { version: 2 })).errorCode), 'BROKER_NOT_AVAILABLE');
  const fetch = received(
    FetchRequest,
    { maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [] },
    Fetch.key + 16,
  );
  assert.equal(name((await node.handleFetch(fetch, { version: 17 })).errorCode), 'BROKER_NOT_AVAILABLE');
});
