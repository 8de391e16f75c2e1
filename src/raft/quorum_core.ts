import { ERROR_NAMES, Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import {
  asLeaderEpoch,
  asNodeId,
  type LeaderEpoch,
  minOffset,
  type NodeId,
  type Offset,
} from '../model/ids.ts';
import type { Clock, Logger, Random } from '../model/ports.ts';
import type { Endpoint, PeerSender } from '../peers/peer_sender.ts';
import type { ElectionStore } from './election_store.ts';
import { type PeerPorts, PeerRequests } from './peer_requests.ts';
import type { QuorumSettings } from './quorum_settings.ts';
import type { QuorumState, RoleState } from './quorum_state.ts';
import type { RaftLog } from './raft_log.ts';
import { type ReplicaKey, replicaText } from './replica_key.ts';
import type { NamedEndpoint, Voter, VoterSet } from './voter_set.ts';

export interface CorePorts extends PeerPorts {
  readonly random: Random;
  readonly logger: Logger;
}

/** What a message says of the leader. */
export interface LeaderNews {
  readonly epoch: number;
  /** -1 for none. */
  readonly leaderId: number;
  /** Empty where the message has none: those of the voters stand for them. */
  readonly endpoints: readonly NamedEndpoint[];
}

export interface CoreEvents {
  /** The role changed; `before` is what it was. */
  transitioned(before: RoleState): void;
  /** Something happened that the parts of the node may have to act on. */
  wake(): void;
  /** A peer answered as one of the same cluster, or as one of another. */
  clusterTold(endpoint: Endpoint, isForeign: boolean): void;
  /** The node can't go on. */
  fatal(failure: Failure): void;
}

/**
 * What the parts of a quorum's node share: the role with its changes, the log, what was promised, and the requests
 * that are on their way. Each change of the role is saved, forgets the requests of the old role, and is logged.
 */
export class QuorumCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly peers: PeerSender;
  readonly settings: QuorumSettings;
  readonly quorum: QuorumState;
  readonly log: RaftLog;
  readonly store: ElectionStore;
  readonly requests: PeerRequests;
  /** This node as a voter; without endpoints when it can't be one. */
  readonly localVoter: Voter;
  /** The listener by which the nodes of the quorum reach each other. */
  readonly listenerName: string;
  /** Undefined until the node knows which cluster it belongs to. */
  clusterId: string | undefined;
  readonly #events: CoreEvents;
  #knownHighWatermark: Offset | undefined;

  constructor(
    ports: CorePorts,
    parts: {
      settings: QuorumSettings;
      quorum: QuorumState;
      log: RaftLog;
      store: ElectionStore;
      localVoter: Voter;
      listenerName: string;
      clusterId: string | undefined;
    },
    events: CoreEvents,
  ) {
    this.clock = ports.clock;
    this.random = ports.random;
    this.logger = ports.logger;
    this.peers = ports.peers;
    this.settings = parts.settings;
    this.quorum = parts.quorum;
    this.log = parts.log;
    this.store = parts.store;
    this.localVoter = parts.localVoter;
    this.listenerName = parts.listenerName;
    this.clusterId = parts.clusterId;
    this.requests = new PeerRequests(ports, parts.settings, {
      answered: () => events.wake(),
      clusterTold: (endpoint, isForeign) => events.clusterTold(endpoint, isForeign),
    });
    this.#events = events;
  }

  get local(): ReplicaKey {
    return this.quorum.local;
  }

  get voters(): VoterSet {
    return this.log.history.voters;
  }

  /** Everything before it is committed, as far as is known; never goes back. The own log may end before it. */
  get knownHighWatermark(): Offset | undefined {
    return this.#knownHighWatermark;
  }

  /**
   * Everything before it is committed, and durable here. What a leader calls committed in an answer that fits the own
   * log is committed as far as that log goes, and stays in the logs of all later leaders.
   */
  get committedEnd(): Offset | undefined {
    const known = this.#knownHighWatermark;
    return known === undefined ? undefined : minOffset(known, this.log.durableEnd);
  }

  noteHighWatermark(highWatermark: Offset): void {
    const known = this.#knownHighWatermark;
    if (known === undefined || known < highWatermark) this.#knownHighWatermark = highWatermark;
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.clock.monotonicMs();
  }

  wake(): void {
    this.#events.wake();
  }

  fatal(failure: Failure): void {
    this.#events.fatal(failure);
  }

  /** Where to reach a voter; the quorum uses the first listener. */
  endpointOf(id: NodeId): Endpoint | undefined {
    return this.voters.get(id)?.endpoints[0];
  }

  /** Saves what the node knows of the election, in the form that the log's version of the protocol wants. */
  saveElection(): void {
    const { kraftVersion, voters } = this.log.history;
    this.store.save({ election: this.quorum.election, kraftVersion, voters });
  }

  /** Changes the role. Whatever follows from it must wait for {@link store} before it leaves the node. */
  transition(change: (quorum: QuorumState, nowMs: number) => void): void {
    const before = this.quorum.state;
    const { epoch, votedKey } = this.quorum;
    change(this.quorum, this.now());
    const { state } = this.quorum;
    this.saveElection();
    this.requests.forget();
    this.logger.info('quorum role changed', {
      from: before.role,
      to: state.role,
      epoch: this.quorum.epoch,
      ...(epoch === this.quorum.epoch ? {} : { fromEpoch: epoch }),
      ...(state.leaderId === undefined ? {} : { leaderId: state.leaderId }),
      ...(votedKey === this.quorum.votedKey || this.quorum.votedKey === undefined
        ? {}
        : { votedFor: replicaText(this.quorum.votedKey) }),
    });
    this.#events.transitioned(before);
  }

  /**
   * Follows what a message says of the leader, when it is news.
   * @returns a failure when it contradicts what is known: no epoch has two leaders
   */
  learn(news: LeaderNews): Failure | undefined {
    const epoch = asLeaderEpoch(news.epoch);
    const leaderId = news.leaderId < 0 ? undefined : asNodeId(news.leaderId);
    const { quorum } = this;
    const contradiction = this.#contradiction(epoch, leaderId);
    if (contradiction !== undefined) return contradiction;
    if (epoch < quorum.epoch) return undefined;
    if (leaderId === undefined || leaderId === this.local.id) {
      if (epoch > quorum.epoch) this.transition((state, nowMs) => state.toUnattached(epoch, nowMs));
      return undefined;
    }
    const endpoints =
      news.endpoints.length > 0 ? news.endpoints : (this.voters.get(leaderId)?.endpoints ?? []);
    const isNew =
      epoch > quorum.epoch ||
      quorum.leaderId === undefined ||
      endpoints.length > quorum.leaderEndpoints.length;
    if (!isNew) return undefined;
    if (endpoints.length > 0) {
      this.transition((state, nowMs) => state.toFollower(epoch, { id: leaderId, endpoints }, nowMs));
    } else if (epoch > quorum.epoch) {
      this.transition((state, nowMs) => state.toUnattached(epoch, nowMs));
    }
    return undefined;
  }

  #contradiction(epoch: LeaderEpoch, leaderId: NodeId | undefined): Failure | undefined {
    if (leaderId === undefined || epoch !== this.quorum.epoch) return undefined;
    const known = leaderId === this.local.id ? this.#ownLeadership : this.quorum.leaderId;
    if (known === undefined || known === leaderId) return undefined;
    return new Failure(
      Errors.INVALID_REQUEST,
      `Node ${leaderId} is said to lead the quorum in epoch ${epoch}, which node ${known} leads`,
    );
  }

  /** Who leads the epoch when somebody says that this node does. */
  get #ownLeadership(): NodeId | undefined {
    const { role, leaderId } = this.quorum;
    return role === 'leader' || role === 'resigned' ? this.local.id : leaderId;
  }

  /**
   * Follows what an answer says of the leader, and tells whether the answer is still of use to who asked.
   * @returns undefined when it is; else whether the request may be sent again at once
   */
  heed(error: number, news: LeaderNews): boolean | undefined {
    const { epoch } = this.quorum;
    if (news.epoch < epoch || error === Errors.UNKNOWN_LEADER_EPOCH) return false;
    const failure = this.learn(news);
    if (failure !== undefined) {
      this.logger.error('an answer contradicts what is known of the quorum', { error: failure.message });
      return false;
    }
    if (news.epoch > epoch) return true;
    return error === Errors.NONE ? undefined : false;
  }

  /** Logs an answer that no request of this node should get. */
  unexpected(what: string, code: number): void {
    const error = ERROR_NAMES.get(code) ?? code;
    this.logger.warn(`${what} was refused`, { error, epoch: this.quorum.epoch });
  }
}
