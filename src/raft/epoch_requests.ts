import {
  BeginQuorumEpoch,
  type BeginQuorumEpochRequest,
  type BeginQuorumEpochResponse,
} from '../messages/53_begin_quorum_epoch.ts';
import {
  EndQuorumEpoch,
  type EndQuorumEpochRequest,
  type EndQuorumEpochResponse,
} from '../messages/54_end_quorum_epoch.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import {
  endpointsFromResponse,
  leaderEndpoint,
  metadataPartitionOf,
  metadataTopics,
  type RequestContext,
} from './metadata_partition.ts';
import type { QuorumCore } from './quorum_core.ts';
import { directoryIdOrZero, matchesReplica, type ReplicaKey, replicaKey } from './replica_key.ts';
import type { NamedEndpoint, Voter } from './voter_set.ts';

/** Both responses have the same fields. */
type Response = MessageInput<typeof BeginQuorumEpochResponse> & MessageInput<typeof EndQuorumEpochResponse>;

const NOT_AVAILABLE: Response = { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
const INVALID: Response = { errorCode: Errors.INVALID_REQUEST, topics: [] };

/** Answers and tells that a leader's epoch begins and ends (KIP-595, KIP-853). */
export class EpochRequests {
  readonly #core: QuorumCore;

  constructor(core: QuorumCore) {
    this.#core = core;
  }

  async handleBegin(request: BeginQuorumEpochRequest, context: RequestContext): Promise<Response> {
    const { quorum, local } = this.#core;
    const partition = metadataPartitionOf(request.topics);
    if (partition === undefined) return INVALID;
    const error = this.#learn(partition, request.leaderEndpoints);
    if (error !== undefined) return await this.#respond(error, context);
    const asked = replicaKey(request.voterId, partition.voterDirectoryId);
    if (request.voterId >= 0 && !matchesReplica(asked, local)) {
      return await this.#respond(Errors.INVALID_VOTER_KEY, context);
    }
    this.#returnToLeader();
    this.#core.logger.debug('epoch begun by its leader', { leaderId: quorum.leaderId, epoch: quorum.epoch });
    return await this.#respond(Errors.NONE, context);
  }

  async handleEnd(
    request: EndQuorumEpochRequest,
    context: RequestContext,
    successorDelayMs: (place: number, successors: number) => number,
  ): Promise<Response> {
    const { quorum } = this.#core;
    const partition = metadataPartitionOf(request.topics);
    if (partition === undefined) return INVALID;
    const error = this.#learn(partition, request.leaderEndpoints);
    if (error !== undefined) return await this.#respond(error, context);
    if (quorum.role === 'follower' && quorum.leaderId === partition.leaderId) {
      const successors = successorsOf(partition);
      const place = successors.findIndex(successor => matchesReplica(successor, this.#core.local));
      const delayMs = successorDelayMs(place, successors.length);
      quorum.noteLeaderGone(this.#core.now() + delayMs);
      this.#core.logger.info('the leader gives up', { leaderId: partition.leaderId, place, delayMs });
    }
    return await this.#respond(Errors.NONE, context);
  }

  /** Learns who leads. Returns what is wrong with the request. */
  #learn(
    partition: { readonly leaderId: number; readonly leaderEpoch: number },
    leaderEndpoints: readonly NamedEndpoint[],
  ): ErrorCode | undefined {
    const { leaderId, leaderEpoch } = partition;
    if (leaderEpoch < this.#core.quorum.epoch) return Errors.FENCED_LEADER_EPOCH;
    if (leaderId < 0 || leaderId === this.#core.local.id) return Errors.INVALID_REQUEST;
    const endpoints = leaderEndpoints.filter(each => each.host !== '' && each.port > 0);
    const failure = this.#core.learn({ epoch: leaderEpoch, leaderId, endpoints });
    if (failure === undefined) return undefined;
    this.#core.logger.error('a request contradicts what is known of the quorum', { error: failure.message });
    return Errors.INVALID_REQUEST;
  }

  /** The leader spoke itself: it is alive, whatever made this node doubt it. */
  #returnToLeader(): void {
    const { state, epoch } = this.#core.quorum;
    if (state.role !== 'prospective' || state.leaderId === undefined) return;
    const leader = { id: state.leaderId, endpoints: state.leaderEndpoints };
    if (leader.endpoints.length === 0) return;
    this.#core.transition((quorum, nowMs) => quorum.toFollower(epoch, leader, nowMs));
  }

  async #respond(errorCode: ErrorCode, context: RequestContext): Promise<Response> {
    this.#core.wake();
    const { quorum } = this.#core;
    const topics = metadataTopics({ errorCode, leaderId: quorum.leaderId ?? -1, leaderEpoch: quorum.epoch });
    const endpoint = leaderEndpoint(quorum, context);
    const isDurable = await this.#core.store.whenDurable();
    if (!isDurable) return NOT_AVAILABLE;
    if (endpoint === undefined || context.version < 1) return { errorCode: Errors.NONE, topics };
    return { errorCode: Errors.NONE, topics, nodeEndpoints: [endpoint] };
  }

  beginLane(voter: Voter): string {
    return `begin/${voter.key.id}`;
  }

  endLane(voter: Voter): string {
    return `end/${voter.key.id}`;
  }

  /** Tells a voter that this node leads. `acknowledged` is called when it knows. */
  sendBegin(voter: Voter, acknowledged: () => void): void {
    const { clusterId, quorum, local, localVoter, requests } = this.#core;
    const request = {
      clusterId: clusterId ?? null,
      voterId: voter.key.id,
      topics: metadataTopics({
        voterDirectoryId: directoryIdOrZero(voter.key),
        leaderId: local.id,
        leaderEpoch: quorum.epoch,
      }),
      leaderEndpoints: localVoter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
    };
    const to = { lane: this.beginLane(voter), endpoint: voter.endpoints[0]! };
    requests.send(to, BeginQuorumEpoch, request, answer => this.#heed(answer, acknowledged));
  }

  /** Tells a voter that this node gives up, and who should lead next. `acknowledged` is called when it knows. */
  sendEnd(voter: Voter, successors: readonly ReplicaKey[], acknowledged: () => void): void {
    const { clusterId, quorum, local, localVoter, requests } = this.#core;
    const request = {
      clusterId: clusterId ?? null,
      topics: metadataTopics({
        leaderId: local.id,
        leaderEpoch: quorum.epoch,
        preferredSuccessors: successors.map(key => key.id),
        preferredCandidates: successors.map(key => ({
          candidateId: key.id,
          candidateDirectoryId: directoryIdOrZero(key),
        })),
      }),
      leaderEndpoints: localVoter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
    };
    const to = { lane: this.endLane(voter), endpoint: voter.endpoints[0]! };
    requests.send(to, EndQuorumEpoch, request, answer => this.#heed(answer, acknowledged));
  }

  #heed(
    answer: BeginQuorumEpochResponse | EndQuorumEpochResponse | Failure,
    acknowledged: () => void,
  ): boolean {
    const core = this.#core;
    if (failed(answer)) return false;
    const partition = metadataPartitionOf(answer.topics);
    if (answer.errorCode !== Errors.NONE || partition === undefined) {
      if (answer.errorCode !== Errors.BROKER_NOT_AVAILABLE)
        core.unexpected('a quorum epoch', answer.errorCode);
      return false;
    }
    const { leaderId, leaderEpoch } = partition;
    const endpoints = endpointsFromResponse(leaderId, answer.nodeEndpoints, core.listenerName);
    const isHandled = core.heed(partition.errorCode, { epoch: leaderEpoch, leaderId, endpoints });
    if (isHandled !== undefined) return isHandled;
    acknowledged();
    return true;
  }
}

/** Version 0 names nodes alone. */
function successorsOf(
  partition: EndQuorumEpochRequest['topics'][number]['partitions'][number],
): ReplicaKey[] {
  const { preferredCandidates, preferredSuccessors } = partition;
  if (preferredCandidates.length === 0) return preferredSuccessors.map(id => replicaKey(id));
  return preferredCandidates.map(each => replicaKey(each.candidateId, each.candidateDirectoryId));
}
