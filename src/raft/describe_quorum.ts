import type { DescribeQuorumRequest, DescribeQuorumResponse } from '../messages/55_describe_quorum.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ReplicaProgress } from './leader_state.ts';
import { metadataPartitionOf, metadataTopics } from './metadata_partition.ts';
import type { QuorumCore } from './quorum_core.ts';
import { directoryIdOrZero } from './replica_key.ts';

type Response = MessageInput<typeof DescribeQuorumResponse>;

const UNKNOWN = -1n;
/** Since this version the answer names directories and listeners. */
const NAMED_VERSION = 2;

/** Answers DescribeQuorum (KIP-595, KIP-836, KIP-853): what the leader knows of every replica. */
export function describeQuorum(core: QuorumCore, request: DescribeQuorumRequest, version: number): Response {
  if (metadataPartitionOf(request.topics) === undefined) return refused(request);
  const { state, epoch } = core.quorum;
  if (state.role !== 'leader') {
    return answer(metadataTopics(nothing(Errors.NOT_LEADER_OR_FOLLOWER)));
  }
  const { leader } = state;
  const nowMs = core.now();
  const describe = (progress: ReplicaProgress) => describeReplica(core, progress, { nowMs, version });
  const listed = version < NAMED_VERSION ? [] : core.voters.voters;
  return {
    ...answer(
      metadataTopics({
        errorCode: Errors.NONE,
        errorMessage: null,
        leaderId: state.leaderId,
        leaderEpoch: epoch,
        highWatermark: leader.highWatermark ?? UNKNOWN,
        currentVoters: leader.voterProgress.map(describe),
        observers: leader.observerProgress(nowMs).map(describe),
      }),
    ),
    nodes: listed.map(voter => ({ nodeId: voter.key.id, listeners: [...voter.endpoints] })),
  };
}

function describeReplica(
  core: QuorumCore,
  progress: ReplicaProgress,
  { nowMs, version }: { readonly nowMs: number; readonly version: number },
) {
  const isLeader = progress.key.id === core.local.id;
  return {
    replicaId: progress.key.id,
    replicaDirectoryId: version < NAMED_VERSION ? ZERO_UUID : directoryIdOrZero(progress.key),
    logEndOffset: isLeader ? core.log.endOffset : (progress.endOffset ?? UNKNOWN),
    lastFetchTimestamp: isLeader
      ? wallClock(core, nowMs, nowMs)
      : wallClock(core, progress.lastFetchMs, nowMs),
    lastCaughtUpTimestamp: isLeader
      ? wallClock(core, nowMs, nowMs)
      : wallClock(core, progress.lastCaughtUpMs, nowMs),
  };
}

function wallClock(core: QuorumCore, atMs: number, nowMs: number): bigint {
  return Number.isFinite(atMs) ? BigInt(Math.round(core.clock.nowMs() - (nowMs - atMs))) : UNKNOWN;
}

function nothing(errorCode: ErrorCode) {
  const leader = { leaderId: -1, leaderEpoch: 0, highWatermark: 0n };
  return { errorCode, errorMessage: errorText(errorCode), ...leader, currentVoters: [], observers: [] };
}

function answer(topics: Response['topics']): Response {
  return { errorCode: Errors.NONE, errorMessage: null, topics, nodes: [] };
}

/** Every partition that was asked for, none of which is known. */
function refused(request: DescribeQuorumRequest): Response {
  const unknown = nothing(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  return answer(
    request.topics.map(topic => ({
      topicName: topic.topicName,
      partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, ...unknown })),
    })),
  );
}
