import type { FetchRequest, FetchResponse } from '../messages/01_fetch.ts';
import type { VoteRequest, VoteResponse } from '../messages/52_vote.ts';
import type { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../messages/53_begin_quorum_epoch.ts';
import type { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../messages/54_end_quorum_epoch.ts';
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '../messages/55_describe_quorum.ts';
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../messages/59_fetch_snapshot.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../messages/80_add_raft_voter.ts';
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../messages/81_remove_raft_voter.ts';
import type { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../messages/82_update_raft_voter.ts';
import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset, type LeaderEpoch, type NodeId, type Offset } from '../model/ids.ts';
import type { Disk, Timer } from '../model/ports.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { ClusterFormation, type NodeIdentity } from './cluster_formation.ts';
import { describeQuorum } from './describe_quorum.ts';
import { ElectionStore } from './election_store.ts';
import { Elections } from './elections.ts';
import { EpochRequests } from './epoch_requests.ts';
import { FetchLoop } from './fetch_loop.ts';
import { FetchServer } from './fetch_server.ts';
import { KraftUpgrade } from './kraft_upgrade.ts';
import { Leadership } from './leadership.ts';
import { ListenerFeed } from './listener_feed.ts';
import type { MetadataLog } from './metadata_log.ts';
import type { RequestContext } from './metadata_partition.ts';
import type { LeaderAndEpoch, MetadataQuorum, QuorumListener, SnapshotId } from './metadata_quorum.ts';
import { type CorePorts, QuorumCore } from './quorum_core.ts';
import { type QuorumSettings, SUPPORTED_KRAFT_VERSIONS } from './quorum_settings.ts';
import { type Election, QuorumState, type Role, type RoleState } from './quorum_state.ts';
import { RaftLog } from './raft_log.ts';
import type { ReplicaKey } from './replica_key.ts';
import { SnapshotServer } from './snapshot_server.ts';
import { SnapshotStore } from './snapshot_store.ts';
import { SnapshotTaker } from './snapshot_taker.ts';
import { VoterChanges } from './voter_changes.ts';
import type { VoterHistory } from './voter_history.ts';
import { type NamedEndpoint, VoterSet } from './voter_set.ts';
import { VoterUpkeep } from './voter_upkeep.ts';

/** Snapshots and old log are looked at so often. */
const CLEAN_INTERVAL_MS = 60_000;

/** What is due sooner is due then: clocks count no finer, and what is due at once is done at once. */
const MIN_TIMER_MS = 1;

/** A voter of `controller.quorum.voters`. */
export interface StaticVoter {
  readonly id: NodeId;
  readonly endpoint: Endpoint;
}

export interface KraftNodeOptions {
  readonly identity: NodeIdentity;
  /** Whether `process.roles` has `controller`: only then may it vote. */
  readonly isController: boolean;
  /** `controller.quorum.voters`. A node that is to be alone and has no such setting passes itself. */
  readonly staticVoters: readonly StaticVoter[];
  /** `controller.quorum.bootstrap.servers`. */
  readonly bootstrapServers: readonly Endpoint[];
  /** The first of `controller.listener.names`: the quorum's. */
  readonly listenerName: string;
  /** Where others reach this node's controller listeners, the quorum's first; none on a broker. */
  readonly endpoints: readonly NamedEndpoint[];
  readonly settings: QuorumSettings;
  readonly log: MetadataLog;
  /** The log's own directory, for `quorum-state` and the snapshots; it is there. */
  readonly directory: string;
  readonly ports: CorePorts & { readonly disk: Disk };
  /** The node can't go on, and has stopped: its disk failed, or what it holds contradicts the cluster. */
  readonly fatal: (failure: Failure) => void;
}

/** What monitoring wants to know. */
export interface QuorumStatus {
  readonly role: Role;
  readonly isVoter: boolean;
  readonly epoch: LeaderEpoch;
  readonly leaderId: NodeId | undefined;
  readonly votedKey: ReplicaKey | undefined;
  readonly highWatermark: Offset | undefined;
  readonly logEndOffset: Offset;
  readonly logEndEpoch: LeaderEpoch;
  readonly voters: VoterSet;
  readonly kraftVersion: number;
}

/**
 * A node of the quorum (KRaft: KIP-595, 630, 853, 996), voter or observer. Everything that happens to it (a request,
 * an answer, a timer, a sync that has ended) changes its state at once and then calls {@link #advance}, in which each
 * part does what is due and says when it has more to do.
 *
 * Order of durability: nothing leaves the node that follows from an epoch or a vote before that is synced
 * (ElectionStore); a follower asks only for what is behind its synced end, and the leader counts only its own synced
 * end (RaftLog); listeners are told only what is committed and synced here.
 */
export class KraftNode implements MetadataQuorum {
  readonly nodeId: NodeId;
  readonly #core: QuorumCore;
  readonly #fatal: (failure: Failure) => void;
  readonly #elections: Elections;
  readonly #epochs: EpochRequests;
  readonly #leadership: Leadership;
  readonly #fetches: FetchServer;
  readonly #snapshots: SnapshotServer;
  readonly #taker: SnapshotTaker;
  readonly #changes: VoterChanges;
  readonly #upgrade: KraftUpgrade;
  readonly #follower: FetchLoop;
  readonly #upkeep: VoterUpkeep;
  readonly #formation: ClusterFormation;
  readonly #feeds = new Map<QuorumListener, ListenerFeed>();
  /** The peers that said last that they belong to another cluster. */
  readonly #foreign = new Set<string>();
  #phase: 'opened' | 'running' | 'ending' | 'ended' = 'opened';
  #isAdvancing = false;
  #isDue = false;
  #cleanAtMs: number;
  #timer: Timer | undefined;
  #isHighWatermarkHeard = false;
  /** Called when the leadership has gone to another. */
  #handedOver: (() => void) | undefined;

  /**
   * Loads what the node had when it ended. It does nothing until {@link start}.
   * @returns KAFKA_STORAGE_ERROR or CORRUPT_MESSAGE when the directory can't be used
   */
  static async open(options: KraftNodeOptions): Promise<KraftNode | Failure> {
    const { ports, directory, identity } = options;
    const staticVoters = staticVoterSet(options);
    const snapshots = new SnapshotStore(ports.disk, directory);
    const isBlank = identity.clusterId === undefined;
    const unreadable =
      snapshots.load() ?? (isBlank ? forgetUnfinishedFounding(options, snapshots) : undefined);
    if (unreadable !== undefined) return unreadable;
    // Nothing happens before the node is there: it starts later.
    let node: KraftNode | undefined;
    const log = new RaftLog(
      { log: options.log, snapshots, staticVoters: isBlank ? VoterSet.EMPTY : staticVoters },
      { durable: () => node!.#logDurable(), failed: failure => node!.#fail(failure) },
      () => node!.#formation.sync(),
    );
    const store = new ElectionStore(ports.disk, directory, {
      durable: () => node!.#advance(),
      failed: failure => node!.#fail(failure),
    });
    const election = store.load();
    if (failed(election)) return election;
    const unusable = await log.load();
    if (unusable !== undefined) return unusable;
    node = new KraftNode(options, { log, store, election, staticVoters });
    return node;
  }

  private constructor(
    options: KraftNodeOptions,
    parts: { log: RaftLog; store: ElectionStore; election: Election | undefined; staticVoters: VoterSet },
  ) {
    const { identity, ports, settings, endpoints } = options;
    const { log, store } = parts;
    this.nodeId = identity.nodeId;
    this.#fatal = options.fatal;
    const local = { id: identity.nodeId, directoryId: identity.directoryId };
    const nowMs = ports.clock.monotonicMs();
    let core: QuorumCore | undefined;
    const quorum = new QuorumState(
      {
        local,
        localEndpoints: endpoints,
        voters: () => log.history.voters,
        mayStand: () => isRemovalOpen(log.history, local, core?.committedEnd),
        timeouts: settings,
        fraction: () => ports.random.fraction(),
      },
      parts.election,
      { lastEpoch: log.end.epoch, nowMs },
    );
    const localVoter = { key: local, endpoints, supportedVersions: SUPPORTED_KRAFT_VERSIONS };
    const { listenerName } = options;
    core = new QuorumCore(
      ports,
      { settings, quorum, log, store, localVoter, listenerName, clusterId: identity.clusterId },
      {
        transitioned: before => this.#transitioned(before),
        wake: () => this.#advance(),
        clusterTold: (endpoint, isForeign) => this.#clusterTold(endpoint, isForeign),
        fatal: failure => this.#fail(failure),
      },
    );
    this.#core = core;
    this.#epochs = new EpochRequests(core);
    this.#elections = new Elections(core, this.#epochs, () => this.#leadership.begin());
    this.#leadership = new Leadership(core, this.#epochs, {
      appended: () => this.#fetches.release(),
      committed: highWatermark => this.#committed(highWatermark),
    });
    this.#fetches = new FetchServer(core, () => this.#leadership.highWatermarkMoved());
    this.#snapshots = new SnapshotServer(core);
    this.#taker = new SnapshotTaker(core);
    this.#upgrade = new KraftUpgrade(core, this.#leadership);
    this.#changes = new VoterChanges(core, this.#leadership, this.#upgrade);
    this.#formation = new ClusterFormation(core, {
      identity,
      staticVoters: parts.staticVoters,
      useStaticVoters: () => log.useStaticVoters(parts.staticVoters),
    });
    this.#upkeep = new VoterUpkeep(core, options.isController);
    const known = options.staticVoters.map(voter => voter.endpoint);
    this.#follower = new FetchLoop({
      core,
      bootstrap: options.bootstrapServers.length > 0 ? options.bootstrapServers : known,
      replicaId: () => this.#formation.replicaId,
      leaderLost: leader => this.#elections.peerGone(leader),
      committed: highWatermark => this.#committed(highWatermark),
    });
    this.#cleanAtMs = nowMs + CLEAN_INTERVAL_MS;
  }

  /** Begins to take part. */
  start(): void {
    assert(this.#phase === 'opened', 'a node starts once');
    this.#phase = 'running';
    const core = this.#core;
    const { quorum, log, voters } = core;
    const { latestSnapshot } = log;
    if (latestSnapshot !== undefined && latestSnapshot.offset > 0n)
      core.noteHighWatermark(latestSnapshot.offset);
    core.logger.info('quorum started', {
      role: quorum.role,
      epoch: quorum.epoch,
      endOffset: log.endOffset,
      voters: voters.voters.map(voter => voter.key.id),
      kraftVersion: log.history.kraftVersion,
    });
    core.saveElection();
    this.#elections.standSoon();
    this.#advance();
  }

  /** Lets each part do what is due, until nothing is, and comes back when something will be. */
  #advance(): void {
    this.#isDue = true;
    if (this.#isAdvancing || !this.#isRunning) return;
    this.#isAdvancing = true;
    let next = Number.POSITIVE_INFINITY;
    while (this.#isDue && this.#isRunning) {
      this.#isDue = false;
      next = this.#step();
    }
    this.#isAdvancing = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#isRunning || !Number.isFinite(next)) return;
    this.#timer = this.#core.clock.startTimer(Math.max(MIN_TIMER_MS, next - this.#core.now()), () =>
      this.#advance(),
    );
  }

  get #isRunning(): boolean {
    return this.#phase === 'running' || this.#phase === 'ending';
  }

  #step(): number {
    const nowMs = this.#core.now();
    if (nowMs >= this.#cleanAtMs) {
      this.#cleanAtMs = nowMs + CLEAN_INTERVAL_MS;
      this.#taker.clean();
    }
    const next = Math.min(
      this.#cleanAtMs,
      this.#formation.advance(nowMs),
      this.#elections.advance(nowMs),
      this.#leadership.advance(nowMs),
      this.#changes.advance(nowMs),
      this.#follower.advance(nowMs),
      this.#upkeep.advance(nowMs),
    );
    for (const feed of this.#feeds.values()) feed.advance();
    return next;
  }

  #transitioned(before: RoleState): void {
    this.#isDue = true;
    this.#elections.transitioned(before);
    this.#follower.transitioned();
    this.#upkeep.transitioned();
    this.#formation.transitioned();
    this.#fetches.release();
    if (before.role === 'leader') {
      this.#changes.transitioned();
      this.#upgrade.transitioned();
    }
    if (this.#core.quorum.role === 'follower') this.#handedOver?.();
  }

  #logDurable(): void {
    this.#leadership.durable();
    this.#formation.committed();
    this.#advance();
  }

  /** Called amid something else, which wakes the node when it is done. */
  #committed(highWatermark: Offset): void {
    this.#isHighWatermarkHeard = true;
    this.#core.noteHighWatermark(highWatermark);
    this.#changes.committed(highWatermark);
    this.#formation.committed();
    this.#fetches.release();
    this.#isDue = true;
  }

  /** A majority of the voters that is of another cluster means that this node is at the wrong place. */
  #clusterTold(endpoint: Endpoint, isForeign: boolean): void {
    const name = `${endpoint.host}:${endpoint.port}`;
    if (isForeign) this.#foreign.add(name);
    else this.#foreign.delete(name);
    const { clusterId, quorum, voters, local } = this.#core;
    const enough = Math.min(voters.majority, Math.max(1, voters.others(local).length));
    if (clusterId === undefined || quorum.leaderId !== undefined || this.#foreign.size < enough) return;
    this.#fail(
      new Failure(
        Errors.INCONSISTENT_CLUSTER_ID,
        `The metadata directory of node ${local.id} belongs to the cluster ${clusterId}, and the controllers at ` +
          `${[...this.#foreign].join(', ')} belong to another: correct controller.quorum.voters or ` +
          'controller.quorum.bootstrap.servers, or start with another log.dirs',
      ),
    );
  }

  #fail(failure: Failure): void {
    if (this.#phase === 'ended') return;
    this.#core.logger.error('the quorum node stops', { error: failure.message });
    void this.close();
    this.#fatal(failure);
  }

  /**
   * Hands the leadership over and ends: when it leads others, the best of them are told to take over, and it stays
   * until one has, or until `timeoutMs` are over.
   */
  async shutdown(timeoutMs: number): Promise<void> {
    if (this.#phase !== 'running') return await this.close();
    this.#phase = 'ending';
    this.#elections.isEnding = true;
    const { quorum, voters, local } = this.#core;
    if (quorum.role === 'leader' && voters.others(local).length > 0) {
      await new Promise<void>(resolve => {
        const timer = this.#core.clock.startTimer(timeoutMs, resolve);
        this.#handedOver = () => {
          timer.cancel();
          resolve();
        };
        this.#leadership.resign(quorum.epoch);
      });
    }
    await this.close();
  }

  /** Ends at once. Resolves when nothing is written any more. */
  async close(): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#timer?.cancel();
    this.#handedOver?.();
    for (const feed of this.#feeds.values()) feed.close();
    this.#core.requests.forget();
    this.#fetches.releaseAll();
    this.#changes.transitioned();
    await this.#core.store.settled();
    await this.#core.log.close();
  }

  get clusterId(): string | undefined {
    return this.#core.clusterId;
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    const { role, leaderId, epoch } = this.#core.quorum;
    return { leaderId: role === 'resigned' ? undefined : leaderId, epoch };
  }

  /** Where the leader listens; undefined while none is known, and of this node itself. */
  get leaderEndpoint(): Endpoint | undefined {
    const { state } = this.#core.quorum;
    return state.role === 'follower' ? state.leaderEndpoints[0] : undefined;
  }

  get highWatermark(): Offset | undefined {
    return this.#leadership.leader === undefined
      ? this.#core.knownHighWatermark
      : this.#leadership.leader.highWatermark;
  }

  get isHighWatermarkHeard(): boolean {
    return this.#isHighWatermarkHeard;
  }

  get status(): QuorumStatus {
    const { quorum, log } = this.#core;
    const { offset, epoch } = log.end;
    return {
      ...this.leaderAndEpoch,
      role: quorum.role,
      isVoter: quorum.isVoter,
      votedKey: quorum.votedKey,
      highWatermark: this.highWatermark,
      logEndOffset: offset,
      logEndEpoch: epoch,
      voters: log.history.voters,
      kraftVersion: log.history.kraftVersion,
    };
  }

  register(listener: QuorumListener): void {
    assert(!this.#feeds.has(listener), 'a listener is registered once');
    this.#feeds.set(listener, new ListenerFeed(this.#core, listener));
    this.#advance();
  }

  unregister(listener: QuorumListener): void {
    this.#feeds.get(listener)?.close();
    this.#feeds.delete(listener);
  }

  propose(epoch: LeaderEpoch, values: readonly Buffer[]): Offset | Failure {
    return this.#leadership.propose(epoch, values);
  }

  resign(epoch: LeaderEpoch): void {
    this.#leadership.resign(epoch);
  }

  async takeSnapshot(endOffset: Offset, values: Iterable<Buffer>): Promise<SnapshotId | Failure> {
    return await this.#taker.take(endOffset, values);
  }

  /** Raises `kraft.version`. @returns NOT_CONTROLLER; INVALID_UPDATE_VERSION when it can't be done, or not yet */
  upgradeKraftVersion(epoch: LeaderEpoch, version: number, validateOnly: boolean): Failure | undefined {
    return this.#upgrade.upgrade(epoch, version, validateOnly);
  }

  /** The connection to another node broke: if that node leads, it is looked after at once. */
  peerGone(node: NodeId): void {
    if (this.#isRunning) this.#elections.peerGone(node);
  }

  async handleVote(
    request: VoteRequest,
    context: RequestContext,
  ): Promise<MessageInput<typeof VoteResponse>> {
    if (!this.#isRunning) return { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
    const answer = this.#formation.handleVote(request);
    if (answer !== undefined) return answer;
    if (this.#isForeign(request.clusterId)) return { errorCode: Errors.INCONSISTENT_CLUSTER_ID, topics: [] };
    return await this.#elections.votes.handle(request, context);
  }

  async handleBeginQuorumEpoch(
    request: BeginQuorumEpochRequest,
    context: RequestContext,
  ): Promise<MessageInput<typeof BeginQuorumEpochResponse>> {
    if (!this.#isRunning) return { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
    const directoryId = request.topics[0]?.partitions[0]?.voterDirectoryId ?? ZERO_UUID;
    this.#formation.call(request.clusterId, request.voterId, directoryId);
    if (this.#isForeign(request.clusterId)) return { errorCode: Errors.INCONSISTENT_CLUSTER_ID, topics: [] };
    return await this.#epochs.handleBegin(request, context);
  }

  async handleEndQuorumEpoch(
    request: EndQuorumEpochRequest,
    context: RequestContext,
  ): Promise<MessageInput<typeof EndQuorumEpochResponse>> {
    if (!this.#isRunning) return { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
    if (this.#isForeign(request.clusterId)) return { errorCode: Errors.INCONSISTENT_CLUSTER_ID, topics: [] };
    return await this.#epochs.handleEnd(request, context, (place, successors) =>
      this.#elections.successorDelayMs(place, successors),
    );
  }

  async handleFetch(
    request: FetchRequest,
    context: RequestContext,
  ): Promise<MessageInput<typeof FetchResponse>> {
    const refusal = this.#refusal(request.clusterId);
    if (refusal !== undefined) return { errorCode: refusal.code, sessionId: 0, responses: [] };
    return await this.#fetches.handle(request, context);
  }

  async handleFetchSnapshot(
    request: FetchSnapshotRequest,
    context: RequestContext,
  ): Promise<MessageInput<typeof FetchSnapshotResponse>> {
    const refusal = this.#refusal(request.clusterId);
    if (refusal !== undefined) return { errorCode: refusal.code, topics: [] };
    return await this.#snapshots.handle(request, context);
  }

  handleDescribeQuorum(
    request: DescribeQuorumRequest,
    context: RequestContext,
  ): MessageInput<typeof DescribeQuorumResponse> {
    return describeQuorum(this.#core, request, context.version);
  }

  async handleAddRaftVoter(request: AddRaftVoterRequest): Promise<MessageInput<typeof AddRaftVoterResponse>> {
    return this.#refused(request.clusterId) ?? (await this.#changes.handleAdd(request));
  }

  async handleRemoveRaftVoter(
    request: RemoveRaftVoterRequest,
  ): Promise<MessageInput<typeof RemoveRaftVoterResponse>> {
    return this.#refused(request.clusterId) ?? (await this.#changes.handleRemove(request));
  }

  handleUpdateRaftVoter(
    request: UpdateRaftVoterRequest,
    context: RequestContext,
  ): MessageInput<typeof UpdateRaftVoterResponse> {
    const refusal = this.#refusal(request.clusterId);
    return this.#changes.handleUpdate(request, context, refusal?.code);
  }

  #refused(clusterId: string | null) {
    const refusal = this.#refusal(clusterId);
    if (refusal === undefined) return undefined;
    return { throttleTimeMs: 0, errorCode: refusal.code, errorMessage: refusal.message };
  }

  /** Why no request is answered now, or not this one. */
  #refusal(clusterId: string | null): Failure | undefined {
    if (!this.#isRunning) return new Failure(Errors.BROKER_NOT_AVAILABLE, 'The node is ending');
    if (!this.#isForeign(clusterId)) return undefined;
    const text = `The request is for the cluster ${clusterId}, and this is ${this.#core.clusterId}`;
    return new Failure(Errors.INCONSISTENT_CLUSTER_ID, text);
  }

  /** Requests without a cluster id, and those to a node that has none yet, are taken as they are. */
  #isForeign(clusterId: string | null): boolean {
    const own = this.#core.clusterId;
    return clusterId !== null && own !== undefined && clusterId !== own;
  }
}

/** Whether the log takes the node out of the voters by a change that is not known to be committed. */
function isRemovalOpen(history: VoterHistory, local: ReplicaKey, committedEnd: Offset | undefined): boolean {
  const { votersBefore, votersOffset } = history;
  if (votersBefore === undefined || votersOffset === undefined || !votersBefore.isVoter(local)) return false;
  return committedEnd === undefined || committedEnd <= votersOffset;
}

function staticVoterSet({ staticVoters, listenerName }: KraftNodeOptions): VoterSet {
  return new VoterSet(
    staticVoters.map(({ id, endpoint }) => ({
      key: { id, directoryId: undefined },
      endpoints: [{ name: listenerName, host: endpoint.host, port: endpoint.port }],
      supportedVersions: SUPPORTED_KRAFT_VERSIONS,
    })),
  );
}

/** A founding that was not finished has left its snapshot behind, and counts for nothing. */
function forgetUnfinishedFounding({ log }: KraftNodeOptions, snapshots: SnapshotStore): Failure | undefined {
  if (log.endOffset > 0n) return undefined;
  return snapshots.removeBefore({ offset: asOffset(0n), epoch: asLeaderEpoch(1) });
}
