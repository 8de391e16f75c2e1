import { Vote, type VoteRequest, type VoteResponse } from '../messages/52_vote.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import {
  endpointsFromResponse,
  leaderEndpoint,
  metadataPartitionOf,
  metadataTopics,
  type RequestContext,
} from './metadata_partition.ts';
import { compareOffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { directoryIdOrZero, matchesReplica, replicaKey, replicaText } from './replica_key.ts';
import type { Voter } from './voter_set.ts';

type Response = MessageInput<typeof VoteResponse>;
type RequestPartition = VoteRequest['topics'][number]['partitions'][number];

/** Since this version a request may be a question before an election (KIP-996). */
const PRE_VOTE_VERSION = 2;

/** Answers and asks for votes (KIP-595, KIP-853, KIP-996). */
export class VoteRequests {
  readonly #core: QuorumCore;
  /** Looks whether the leader is still there, where a question before an election makes that doubtful. */
  readonly #checkLeader: () => Promise<void>;

  constructor(core: QuorumCore, checkLeader: () => Promise<void>) {
    this.#core = core;
    this.#checkLeader = checkLeader;
  }

  async handle(request: VoteRequest, context: RequestContext): Promise<Response> {
    const response = await this.#answer(request, context);
    this.#core.wake();
    const isDurable = await this.#core.store.whenDurable();
    return isDurable ? response : { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
  }

  async #answer(request: VoteRequest, context: RequestContext): Promise<Response> {
    const { quorum } = this.#core;
    const partition = metadataPartitionOf(request.topics);
    if (partition === undefined) return { errorCode: Errors.INVALID_REQUEST, topics: [] };
    const error = this.#enterEpoch(request, partition);
    if (error !== undefined) return this.#response(error, false, context);
    if (partition.preVote && quorum.role === 'follower') await this.#checkLeader();
    if (partition.replicaEpoch < quorum.epoch) {
      return this.#response(Errors.FENCED_LEADER_EPOCH, false, context);
    }
    const isGranted = this.#decide(partition);
    return this.#response(Errors.NONE, isGranted, context);
  }

  /** Goes into the epoch that the request is of. Returns what is wrong with the request. */
  #enterEpoch(request: VoteRequest, partition: RequestPartition): ErrorCode | undefined {
    const { quorum } = this.#core;
    const { replicaEpoch, replicaId, lastOffsetEpoch, lastOffset, preVote } = partition;
    const isEpochValid = preVote ? lastOffsetEpoch <= replicaEpoch : lastOffsetEpoch < replicaEpoch;
    if (lastOffset < 0n || lastOffsetEpoch < 0 || !isEpochValid) return Errors.INVALID_REQUEST;
    if (replicaEpoch < quorum.epoch) return Errors.FENCED_LEADER_EPOCH;
    if (replicaId < 0) return Errors.INVALID_REQUEST;
    if (replicaEpoch > quorum.epoch) {
      this.#core.transition((state, nowMs) => state.toUnattached(asLeaderEpoch(replicaEpoch), nowMs));
    }
    const asked = replicaKey(request.voterId, partition.voterDirectoryId);
    const isForOther = request.voterId >= 0 && !matchesReplica(asked, this.#core.local);
    return isForOther ? Errors.INVALID_VOTER_KEY : undefined;
  }

  #decide(partition: RequestPartition): boolean {
    const { quorum, log, logger } = this.#core;
    const candidate = replicaKey(partition.replicaId, partition.replicaDirectoryId);
    const candidateEnd = {
      offset: asOffset(partition.lastOffset),
      epoch: asLeaderEpoch(partition.lastOffsetEpoch),
    };
    const isPreVote = partition.preVote;
    const isLogUpToDate = compareOffsetAndEpoch(candidateEnd, log.end) >= 0;
    const isGranted =
      candidate.id !== quorum.local.id && quorum.canGrantVote(candidate, { isLogUpToDate, isPreVote });
    if (isGranted && !isPreVote && quorum.canVow) {
      this.#core.transition((state, nowMs) => state.toVoted(candidate, nowMs));
    }
    const fields = {
      candidate: replicaText(candidate),
      epoch: partition.replicaEpoch,
      isPreVote,
      isLogUpToDate,
    };
    logger.info(isGranted ? 'vote granted' : 'vote refused', fields);
    return isGranted;
  }

  #response(errorCode: ErrorCode, voteGranted: boolean, context: RequestContext): Response {
    const { quorum } = this.#core;
    const leaderId = quorum.leaderId ?? -1;
    const topics = metadataTopics({ errorCode, leaderId, leaderEpoch: quorum.epoch, voteGranted });
    const endpoint = leaderEndpoint(quorum, context);
    if (endpoint === undefined || context.version < 1) return { errorCode: Errors.NONE, topics };
    return { errorCode: Errors.NONE, topics, nodeEndpoints: [endpoint] };
  }

  laneOf(voter: Voter): string {
    return `vote/${voter.key.id}`;
  }

  /**
   * Asks a voter for its vote, or whether it would give it.
   * @param heed gets the answer, if there is one; undefined: the voter does not know the question
   */
  ask(voter: Voter, isPreVote: boolean, heed: (isGranted: boolean | undefined) => void): void {
    const core = this.#core;
    const { epoch, offset } = core.log.end;
    const request = {
      clusterId: core.clusterId ?? null,
      voterId: voter.key.id,
      topics: metadataTopics({
        replicaEpoch: core.quorum.epoch,
        replicaId: core.local.id,
        replicaDirectoryId: directoryIdOrZero(core.local),
        voterDirectoryId: directoryIdOrZero(voter.key),
        lastOffsetEpoch: epoch,
        lastOffset: offset,
        preVote: isPreVote,
      }),
    };
    const to = { lane: this.laneOf(voter), endpoint: voter.endpoints[0]! };
    const options = isPreVote ? { minVersion: PRE_VOTE_VERSION } : {};
    core.requests.send(to, Vote, request, answer => this.#heed(answer, isPreVote, heed), options);
  }

  #heed(
    answer: VoteResponse | Failure,
    isPreVote: boolean,
    heed: (isGranted: boolean | undefined) => void,
  ): boolean {
    const core = this.#core;
    const errorCode = failed(answer) ? answer.code : answer.errorCode;
    if (isPreVote && errorCode === Errors.UNSUPPORTED_VERSION) {
      heed(undefined);
      return true;
    }
    if (failed(answer)) return false;
    const partition = metadataPartitionOf(answer.topics);
    if (answer.errorCode !== Errors.NONE || partition === undefined) {
      if (answer.errorCode !== Errors.BROKER_NOT_AVAILABLE)
        core.unexpected('a vote request', answer.errorCode);
      return false;
    }
    const { leaderId, leaderEpoch } = partition;
    const endpoints = endpointsFromResponse(leaderId, answer.nodeEndpoints, core.listenerName);
    const isHandled = core.heed(partition.errorCode, { epoch: leaderEpoch, leaderId, endpoints });
    if (isHandled !== undefined) return isHandled;
    heed(partition.voteGranted);
    return true;
  }
}
