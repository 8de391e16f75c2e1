import { Vote, type VoteRequest, type VoteResponse } from '../messages/52_vote.ts';
import { DescribeCluster, type DescribeClusterResponse } from '../messages/60_describe_cluster.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { NodeId, Uuid } from '../model/ids.ts';
import { randomUuid, ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { DYNAMIC_VERSION } from './kraft_upgrade.ts';
import { endpointsFromResponse, metadataPartitionOf, metadataTopics } from './metadata_partition.ts';
import type { QuorumCore } from './quorum_core.ts';
import { directoryIdOrZero, replicaKey, sameReplica } from './replica_key.ts';
import { snapshotBatches } from './snapshot_format.ts';
import { BOOTSTRAP_SNAPSHOT } from './snapshot_store.ts';
import { type Voter, VoterSet } from './voter_set.ts';

/*
 * How a quorum comes to be without a formatting step, and how a node that knows nothing finds its way into one.
 *
 * A node is *blank* as long as its directory has no cluster id. (A directory that Kafka formatted has one: it goes by
 * Kafka's rules at once.) Its directory has an id, though, which is durable before the quorum starts: a directory that
 * was lost comes back with another id. That is what everything here rests on.
 *
 * **Founding.** Blank voters of `controller.quorum.voters` ask each other: a Vote request with no cluster id, for a
 * pre-vote in epoch 0, with an empty log. A voter that is blank, with nothing in its log, answers
 * BROKER_NOT_AVAILABLE; every other one as to any pre-vote. The voter with the lowest id waits until *every* other
 * voter has asked it (so it knows their directories) and has answered that it is blank, both lately. Then it founds
 * the cluster: it makes up the cluster id, writes what Kafka's formatter writes for `--initial-controllers` (a
 * snapshot of offset 0 with kraft.version 1 and the voters with their directories, then meta.properties with the
 * cluster id), and stands for election. A voter that is alone does so without asking anybody.
 *
 * **Being called.** A blank voter that gets a Vote or BeginQuorumEpoch request for its own directory id belongs to
 * the sender's cluster: only who was told of the directory in this life of it can name it. It votes and follows from
 * then on. Its cluster id becomes durable together with the first records that it fetches; if the founder's directory
 * is lost before, the voters are blank still, and found again (their votes stay, so the epoch goes on).
 *
 * **A lost directory.** A voter that is blank while others are not fetches as an observer until it knows more:
 *  - Under kraft.version 1 its directory is none of the voters', whatever its id. It can't vote, so it can't help to
 *    elect a leader that lacks what it had acknowledged; it asks to be replaced (voter_upkeep.ts).
 *  - Under kraft.version 0 nobody can tell the old directory from the new one. It fetches without an id, so that no
 *    leader counts what it has, until nothing that it may have promised can matter: it has heard from so many voters
 *    that one of each majority is among them, has everything that the leader of the latest epoch of those has
 *    committed, and no election in which its forgotten vote may be on its way is still going on.
 *
 * **Observers** that are blank ask the leader for the cluster's id (DescribeCluster) before they fetch.
 */

/** Who this node is, as its metadata directory says (meta.properties). */
export interface NodeIdentity {
  readonly nodeId: NodeId;
  /** Durable before the quorum starts, and new with every new directory. */
  readonly directoryId: Uuid;
  /** Undefined as long as the directory belongs to no cluster. */
  readonly clusterId: string | undefined;
  /** Makes the directory one of that cluster, durably. */
  adoptClusterId(clusterId: string): Promise<Failure | undefined>;
}

const NEVER = Number.POSITIVE_INFINITY;
/** What another voter said of itself counts for so long. */
const FRESH_MS = 3_000;
/** Voters that are blank too ask again soon: all of them start at about the same time. */
const ASK_INTERVAL_MS = 50;
const SLOW_ASK_INTERVAL_MS = 500;
/** How long it asks quickly. */
const QUICK_FOR_MS = 5_000;
const REPORT_INTERVAL_MS = 5_000;
/** No candidate collects votes for longer than so many election timeouts. */
const ELECTION_FACTOR = 4;
/** `EndpointType` of DescribeCluster: the controllers. */
const CONTROLLERS = 2;

interface Peer {
  /** When it last asked as a blank voter, and with which directory. */
  askedAtMs: number;
  directoryId: Uuid | undefined;
  /** When it last answered that it is blank. */
  blankAtMs: number;
  /** When it last answered as one that is not, and its epoch. */
  presentAtMs: number;
  epoch: number;
  nextAskMs: number;
}

export class ClusterFormation {
  readonly #core: QuorumCore;
  readonly #identity: NodeIdentity;
  readonly #staticVoters: VoterSet;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #startedAtMs: number;
  /** Called when static voters hold from now on. */
  readonly #useStaticVoters: () => void;
  /** Whether the cluster id is durable. */
  #isMember: boolean;
  /** Whether the directory's id protects its promises, or nothing that it may have forgotten can matter. */
  #isTrusted: boolean;
  #isFounding = false;
  #reportAtMs: number;
  /** When it last had everything that a leader had committed. */
  #caughtUpAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    core: QuorumCore,
    parts: { identity: NodeIdentity; staticVoters: VoterSet; useStaticVoters: () => void },
  ) {
    this.#core = core;
    this.#identity = parts.identity;
    this.#staticVoters = parts.staticVoters;
    this.#useStaticVoters = parts.useStaticVoters;
    this.#isMember = parts.identity.clusterId !== undefined;
    this.#isTrusted = this.#isMember || !this.#isConfigured || this.#isDynamic;
    this.#startedAtMs = core.now();
    this.#reportAtMs = this.#startedAtMs + REPORT_INTERVAL_MS;
    for (const voter of parts.staticVoters.others(core.local)) this.#peers.set(voter.key.id, newPeer());
  }

  /** Whether the directory belongs to no cluster yet. */
  get isBlank(): boolean {
    return !this.#isMember;
  }

  /** Whether this node is one of `controller.quorum.voters`. */
  get #isConfigured(): boolean {
    return this.#staticVoters.has(this.#core.local.id);
  }

  /** Whether the log has the voters with their directories. */
  get #isDynamic(): boolean {
    return this.#core.log.history.kraftVersion >= DYNAMIC_VERSION;
  }

  /** The id to fetch with: none, as long as a leader might take this node for the voter that it was. */
  get replicaId(): number {
    return this.#isTrusted ? this.#core.local.id : -1;
  }

  /** Whether nothing was ever promised or stored that founding a cluster could contradict. */
  get #canFound(): boolean {
    return !this.#isMember && this.#isConfigured && this.#core.log.isEmpty;
  }

  /** What becomes durable with the log: the cluster id, with the first records that count. */
  async sync(): Promise<Failure | undefined> {
    const { clusterId } = this.#core;
    if (this.#isDynamic) this.#isTrusted = true;
    if (this.#isMember || clusterId === undefined || !this.#isTrusted) return undefined;
    const failure = await this.#identity.adoptClusterId(clusterId);
    if (failure === undefined) this.#isMember = true;
    return failure;
  }

  /** Does what is due; returns when there is more to do. */
  advance(nowMs: number): number {
    if (this.#isMember || this.#isFounding) return NEVER;
    const askAtMs = this.#askForClusterId(nowMs);
    if (!this.#isConfigured) return askAtMs;
    const others = this.#staticVoters.others(this.#core.local);
    if (this.#canFound && this.#isFounder && others.every(({ key }) => this.#isBlank(key.id, nowMs))) {
      void this.#found();
      return NEVER;
    }
    this.#recoverIfSafe(nowMs);
    this.#report(nowMs);
    let next = Math.min(this.#reportAtMs, askAtMs);
    for (const voter of others) next = Math.min(next, this.#askWhenDue(voter, nowMs));
    return next;
  }

  get #isFounder(): boolean {
    return this.#staticVoters.voters.every(voter => voter.key.id >= this.#core.local.id);
  }

  #isBlank(id: NodeId, nowMs: number): boolean {
    const peer = this.#peers.get(id)!;
    return peer.askedAtMs > nowMs - FRESH_MS && peer.blankAtMs > nowMs - FRESH_MS;
  }

  async #found(): Promise<void> {
    this.#isFounding = true;
    const core = this.#core;
    const clusterId = randomUuid(core.random);
    const voters = new VoterSet(this.#staticVoters.voters.map(voter => this.#foundingVoter(voter)));
    const failure =
      (await this.#writeBootstrap(voters)) ??
      (await core.log.loadBootstrap()) ??
      (await this.#identity.adoptClusterId(clusterId));
    this.#isFounding = false;
    if (failure !== undefined) return core.fatal(failure);
    this.#isMember = true;
    this.#isTrusted = true;
    core.clusterId = clusterId;
    core.logger.info('a cluster was founded', {
      clusterId,
      voters: voters.voters.map(voter => voter.key.id),
    });
    core.saveElection();
    core.quorum.hasten(core.now());
    core.wake();
  }

  #foundingVoter(voter: Voter): Voter {
    if (voter.key.id === this.#core.local.id) return this.#core.localVoter;
    return { ...voter, key: replicaKey(voter.key.id, this.#peers.get(voter.key.id)!.directoryId) };
  }

  async #writeBootstrap(voters: VoterSet): Promise<Failure | undefined> {
    const { log, clock } = this.#core;
    const partial = log.snapshots.create(BOOTSTRAP_SNAPSHOT);
    if (failed(partial)) return partial;
    const timestamp = BigInt(clock.nowMs());
    const content = { id: BOOTSTRAP_SNAPSHOT, kraftVersion: DYNAMIC_VERSION, voters, timestamp, values: [] };
    const batches = [...snapshotBatches({ ...content, lastContainedLogTimestamp: timestamp })];
    return partial.append(batches) ?? (await partial.finish());
  }

  /** Asks a voter whether it is blank, when it is time to; returns when it is time next. */
  #askWhenDue(voter: Voter, nowMs: number): number {
    const peer = this.#peers.get(voter.key.id)!;
    const lane = `form/${voter.key.id}`;
    const readyAtMs = Math.max(peer.nextAskMs, this.#core.requests.readyAtMs(lane));
    if (nowMs < readyAtMs) return readyAtMs;
    const isQuick = nowMs < this.#startedAtMs + QUICK_FOR_MS && this.#core.clusterId === undefined;
    peer.nextAskMs = nowMs + (isQuick ? ASK_INTERVAL_MS : SLOW_ASK_INTERVAL_MS);
    const partition = {
      replicaEpoch: 0,
      replicaId: this.#core.local.id,
      replicaDirectoryId: this.#canFound ? directoryIdOrZero(this.#core.local) : ZERO_UUID,
      voterDirectoryId: ZERO_UUID,
      lastOffsetEpoch: 0,
      lastOffset: 0n,
      preVote: true,
    };
    const request = { clusterId: null, voterId: voter.key.id, topics: metadataTopics(partition) };
    const to = { lane, endpoint: voter.endpoints[0]! };
    this.#core.requests.send(to, Vote, request, answer => this.#heed(peer, answer), { minVersion: 2 });
    return peer.nextAskMs;
  }

  #heed(peer: Peer, answer: VoteResponse | Failure): boolean {
    if (failed(answer)) return false;
    const nowMs = this.#core.now();
    const partition = metadataPartitionOf(answer.topics);
    if (answer.errorCode === Errors.BROKER_NOT_AVAILABLE) peer.blankAtMs = nowMs;
    else if (answer.errorCode === Errors.NONE && partition !== undefined) {
      peer.presentAtMs = nowMs;
      peer.epoch = partition.leaderEpoch;
      peer.blankAtMs = Number.NEGATIVE_INFINITY;
      const { leaderId, leaderEpoch } = partition;
      const endpoints = endpointsFromResponse(leaderId, answer.nodeEndpoints, this.#core.listenerName);
      const known =
        endpoints.length > 0 ? endpoints : (this.#staticVoters.get(leaderId as NodeId)?.endpoints ?? []);
      this.#core.learn({ epoch: leaderEpoch, leaderId, endpoints: known });
    }
    return true;
  }

  /**
   * Answers a Vote request as long as the node is blank.
   * @returns the answer; undefined when the request is to be handled as any other
   */
  handleVote(request: VoteRequest): MessageInput<typeof VoteResponse> | undefined {
    if (this.#isMember) return undefined;
    const partition = metadataPartitionOf(request.topics);
    if (partition === undefined) return undefined;
    const peer = this.#peers.get(partition.replicaId as NodeId);
    if (
      request.clusterId === null &&
      partition.preVote &&
      partition.replicaEpoch === 0 &&
      peer !== undefined
    ) {
      this.#note(peer, partition.replicaDirectoryId);
      return this.#canFound ? NOT_AVAILABLE : undefined;
    }
    this.call(request.clusterId, request.voterId, partition.voterDirectoryId);
    // A node that may have forgotten its vote gives none.
    return this.#isTrusted ? undefined : NOT_AVAILABLE;
  }

  /** Another voter is blank, as far as it says its directory. */
  #note(peer: Peer, directoryId: string): void {
    if (directoryId === ZERO_UUID) return;
    const wasBlank = peer.askedAtMs > this.#core.now() - FRESH_MS;
    peer.askedAtMs = this.#core.now();
    peer.directoryId = directoryId as Uuid;
    if (!wasBlank) peer.nextAskMs = this.#core.now();
    this.#core.wake();
  }

  /** A request names the cluster and the directory of the voter that it is for: maybe this node is called. */
  call(clusterId: string | null, voterId: number, directoryId: string): void {
    if (this.#isMember || this.#isFounding || clusterId === null) return;
    const isCalled = sameReplica(replicaKey(voterId, directoryId), this.#core.local);
    if (isCalled && (this.#core.log.isEmpty || this.#isDynamic)) {
      if (this.#core.clusterId !== clusterId) this.#core.logger.info('called into a cluster', { clusterId });
      this.#core.clusterId = clusterId;
      this.#isTrusted = true;
    }
  }

  /** Asks the leader which cluster it leads; returns when it is to be asked again. */
  #askForClusterId(nowMs: number): number {
    const { quorum, requests, clusterId } = this.#core;
    const { state } = quorum;
    const lane = 'cluster';
    if (clusterId !== undefined || state.role !== 'follower') return NEVER;
    const readyAtMs = requests.readyAtMs(lane);
    if (nowMs < readyAtMs) return readyAtMs;
    const request = {
      includeClusterAuthorizedOperations: false,
      endpointType: CONTROLLERS,
      includeFencedBrokers: false,
    };
    const to = { lane, endpoint: state.leaderEndpoints[0]! };
    requests.send(to, DescribeCluster, request, answer => this.#heedCluster(answer), { minVersion: 1 });
    return NEVER;
  }

  #heedCluster(answer: DescribeClusterResponse | Failure): boolean {
    if (failed(answer) || answer.errorCode !== Errors.NONE || answer.clusterId === '') return false;
    if (this.#core.clusterId === undefined) this.#core.clusterId = answer.clusterId;
    return true;
  }

  /** A leader says what is committed. */
  committed(): void {
    const { committedEnd, knownHighWatermark } = this.#core;
    if (committedEnd !== undefined && committedEnd === knownHighWatermark)
      this.#caughtUpAtMs = this.#core.now();
  }

  /** The role changed: being caught up with one leader says nothing of the next. */
  transitioned(): void {
    this.#caughtUpAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A static voter whose directory was lost votes again when nothing that it forgot can matter. */
  #recoverIfSafe(nowMs: number): void {
    const { quorum, clusterId, settings } = this.#core;
    if (this.#isTrusted || clusterId === undefined || this.#isDynamic) return;
    const isCalm = nowMs - this.#startedAtMs >= ELECTION_FACTOR * settings.electionTimeoutMs;
    const present = [...this.#peers.values()].filter(peer => peer.presentAtMs > nowMs - FRESH_MS);
    const askedSinceMs = Math.min(...present.map(peer => peer.presentAtMs));
    const isCovered = present.length >= Math.floor((this.#staticVoters.size - 1) / 2) + 1;
    const isLatest = quorum.role === 'follower' && present.every(peer => peer.epoch <= quorum.epoch);
    if (!isCalm || !isCovered || !isLatest || this.#caughtUpAtMs < askedSinceMs) return;
    this.#core.logger.warn('this voter lost its directory, has caught up, and votes again', { clusterId });
    this.#isTrusted = true;
    void this.sync().then(failure => {
      if (failure !== undefined) return this.#core.fatal(failure);
      this.#useStaticVoters();
      this.#core.saveElection();
      this.#core.wake();
    });
  }

  #report(nowMs: number): void {
    if (nowMs < this.#reportAtMs) return;
    this.#reportAtMs = nowMs + REPORT_INTERVAL_MS;
    const missing = [...this.#peers.keys()].filter(id => !this.#isBlank(id, nowMs));
    const present = missing.filter(id => this.#peers.get(id)!.presentAtMs > nowMs - FRESH_MS);
    if (present.length > 0) {
      this.#core.logger.info('this node has no data yet, and others have: it waits for their leader', {
        present,
      });
    } else {
      this.#core.logger.info('a new cluster needs every voter of controller.quorum.voters', { missing });
    }
  }
}

const NOT_AVAILABLE = { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] } as const;

function newPeer(): Peer {
  const never = Number.NEGATIVE_INFINITY;
  const nothing = { askedAtMs: never, directoryId: undefined, blankAtMs: never, presentAtMs: never };
  return { ...nothing, epoch: 0, nextAskMs: never };
}
