import type { Appended } from '../log/log_types.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  type LeaderEpoch,
  NO_NODE,
  type NodeId,
  type Offset,
  type PartitionIndex,
  UNKNOWN_LEADER_EPOCH,
  type Uuid,
} from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import type { TopicSettings } from '../settings/topic_settings.ts';
import { CommitWaiters } from './commit_waiters.ts';
import type { FollowerFetch } from './follower_progress.ts';
import type { IsrChange } from './isr_change.ts';
import { type LeaderMoment, Leadership } from './leadership.ts';
import type { PartitionState } from './partition_state.ts';
import type { ReplicaCluster } from './replica_cluster.ts';

/** Is told when there may be more to read; what it does then must not throw. */
export interface AppendWatcher {
  /** What it watches rose, or the partition can't be read any more. */
  progressed(partition: Partition): void;
}

/** What readers wait for: consumers for what is committed, followers for what is appended. */
export type Watched = 'committed' | 'appended';

/** What a leader or consumer says it knows of the partition's leadership; -1 when it does not. */
type RequestedEpoch = number;

/** What this broker is to the partition. A new epoch is a new role. */
export type Role =
  | { readonly kind: 'none' }
  | { readonly kind: 'leading'; readonly epoch: LeaderEpoch }
  | { readonly kind: 'following'; readonly leader: NodeId; readonly epoch: LeaderEpoch };

/** What the partitions of a broker share. */
export interface PartitionEnvironment {
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly cluster: ReplicaCluster;
  /** `replica.lag.time.max.ms` */
  readonly maxLagMs: () => number;
  /** `broker.session.timeout.ms`: who was not heard of for so long is taken for gone. */
  readonly sessionTimeoutMs: () => number;
  /** Whether the controller has not answered this broker for a whole session: it has others lead by now, if it can. */
  readonly isControllerSilent: () => boolean;
  /** The partition has another role. */
  readonly roleChanged: (partition: Partition, before: Role) => void;
  /** The in-sync replicas are to be changed; {@link Partition.isrAnswered} tells what became of it. */
  readonly changeIsr: (partition: Partition, change: IsrChange) => void;
}

export interface PartitionOptions {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly config: TopicSettings;
}

/** Records of a leader, with what its answer says besides. */
export interface FetchedRecords {
  readonly records: Buffer;
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
}

const NONE: Role = { kind: 'none' };

/**
 * A partition of which this broker has a replica.
 *
 *     none (opening) → leading     its log is open, and the metadata names this broker the leader
 *     none (opening) → following   its log is open, and another broker leads, or none
 *     leading ↔ following          the metadata changed; also from one epoch to the next
 *     any → none (offline)         the log's directory failed, or the partition moved away: for good
 *
 * While the log of a follower is cut its role stays: the metadata's next one begins at the cut's end.
 *
 * The high watermark is what all in-sync replicas have on disk (or, with `write.caching`, in their caches): nothing
 * above it is shown to consumers or acknowledged with acks=all.
 */
export class Partition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly #environment: PartitionEnvironment;
  #config: TopicSettings;
  #log: PartitionLog | undefined;
  /** As the metadata last had it. */
  #state: PartitionState | undefined;
  /** Why the partition can't be used; undefined when it can. */
  #offline: Failure | undefined;
  #role: Role = NONE;
  /** Set exactly while the role is to lead. */
  #leadership: Leadership | undefined;
  #isCutting = false;
  readonly #commits = new CommitWaiters();
  /** Those who wait until records below an offset are deleted everywhere. */
  readonly #deletions = new CommitWaiters();
  readonly #watchers: Record<Watched, Set<AppendWatcher>> = { committed: new Set(), appended: new Set() };

  constructor({ topic, topicId, index, config }: PartitionOptions, environment: PartitionEnvironment) {
    this.#environment = environment;
    this.topic = topic;
    this.topicId = topicId;
    this.index = index;
    this.#config = config;
  }

  get name(): string {
    return `${this.topic}-${this.index}`;
  }

  get role(): Role {
    return this.#role;
  }

  get isLeader(): boolean {
    return this.#role.kind === 'leading';
  }

  /** Whether it can't be used at this broker until that is started again. */
  get isOffline(): boolean {
    return this.#offline !== undefined || this.#log?.failure !== undefined;
  }

  get leaderEpoch(): LeaderEpoch {
    return this.#state?.leaderEpoch ?? UNKNOWN_LEADER_EPOCH;
  }

  get leader(): NodeId {
    return this.#state?.leader ?? NO_NODE;
  }

  /** Undefined unless this broker leads. */
  get leadership(): Leadership | undefined {
    return this.#leadership;
  }

  /** All replicas, in the order of preference. */
  get replicas(): readonly NodeId[] {
    return this.#state?.replicas ?? [];
  }

  /** In-sync replicas, as far as this broker knows. */
  get isr(): readonly NodeId[] {
    return this.#leadership?.isr ?? this.#state?.isr ?? [];
  }

  /** The topic's settings as they are now. */
  get config(): TopicSettings {
    return this.#config;
  }

  set config(config: TopicSettings) {
    this.#config = config;
    this.#log?.updateConfig(config);
    this.#settleMinIsr();
    this.#advanceHighWatermark();
  }

  /** The log, for what is no business of a leader: sizes, producers, retention. */
  get log(): PartitionLog | undefined {
    return this.#log;
  }

  /** Takes the opened log, and the role that the metadata gave the partition meanwhile. */
  opened(log: PartitionLog): void {
    assert(this.#log === undefined, `the log of ${this.name} is opened twice`);
    // Deleted, or offline, before it was open: the log's owner closes it.
    if (this.#offline !== undefined) return;
    this.#log = log;
    log.onDurable(() => this.#advanceHighWatermark());
    this.#takeRole();
  }

  /** Acts on what the metadata says; older states than the present one are ignored. */
  apply(state: PartitionState): void {
    if (this.#offline !== undefined) return;
    const before = this.#state;
    if (before !== undefined && state.partitionEpoch < before.partitionEpoch) return;
    this.#state = state;
    if (this.#takeRole() || this.#leadership === undefined) return;
    this.#leadership.update(state);
    this.#settleMinIsr();
    this.#settleDeletions();
    this.#advanceHighWatermark();
    this.#proposeIsr(this.#leadership.expand(this.#moment()));
  }

  /** Begins the role that the metadata has for this broker, if it can. @returns whether that is a new one */
  #takeRole(): boolean {
    const before = this.#role;
    if (this.#isCutting && this.#offline === undefined) return false;
    const role = this.#dueRole();
    if (sameRole(before, role)) return false;
    this.#role = role;
    const leadership = this.#leadership;
    this.#leadership = undefined;
    if (role.kind === 'leading') this.#lead(role.epoch, leadership);
    else if (leadership !== undefined) this.#stopLeading();
    else this.#notify('committed');
    this.#environment.roleChanged(this, before);
    return true;
  }

  #dueRole(): Role {
    if (this.#offline !== undefined || this.#log === undefined || this.#state === undefined) return NONE;
    const { leader, leaderEpoch: epoch } = this.#state;
    if (leader === this.#environment.nodeId) return { kind: 'leading', epoch };
    return { kind: 'following', leader, epoch };
  }

  #lead(epoch: LeaderEpoch, before: Leadership | undefined): void {
    this.#log!.beginLeaderEpoch(epoch);
    this.#leadership = new Leadership(this.#state!, this.#moment(), { ...this.#environment, before });
    this.#settleMinIsr();
    this.#advanceHighWatermark();
  }

  #stopLeading(): void {
    const reason =
      this.#offline ??
      new Failure(
        Errors.NOT_LEADER_OR_FOLLOWER,
        `This broker no longer leads ${this.name}: broker ${this.leader} leads it in epoch ${this.leaderEpoch}`,
      );
    this.#commits.fail(reason);
    this.#deletions.fail(reason);
    this.#notify('committed');
    this.#notify('appended');
  }

  /** The partition is of no use at this broker any more; everything that waits is told why. */
  close(reason: Failure): void {
    if (this.#offline !== undefined) return;
    this.#offline = reason;
    this.#log?.onDurable(undefined);
    this.#takeRole();
  }

  #moment(): LeaderMoment {
    return { log: this.#log!, nowMs: this.#environment.clock.monotonicMs() };
  }

  /** As many in-sync replicas as it takes to commit: more than there are replicas can't be asked for. */
  get #minIsr(): number {
    return Math.min(this.#config.minInsyncReplicas, this.#state!.replicas.length);
  }

  #advanceHighWatermark(): void {
    const log = this.#log;
    const committed = this.#leadership?.committedOffset(this.#minIsr, this.#moment());
    if (log === undefined || committed === undefined || !log.setHighWatermark(committed)) return;
    this.#commits.release(log.highWatermark);
    this.#notify('committed');
  }

  /** While too few are in sync nothing is committed: who waits is told now what the end of its time would tell it. */
  #settleMinIsr(): void {
    const missing = this.#commits.size > 0 ? this.underMinIsr() : undefined;
    if (missing === undefined) return;
    this.#commits.fail(
      new Failure(
        Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        `${missing}: the records were written, but may be lost`,
      ),
    );
  }

  #settleDeletions(): void {
    if (this.#deletions.size > 0 && this.lowWatermark !== undefined)
      this.#deletions.release(this.lowWatermark);
  }

  #notify(what: Watched): void {
    const watchers = this.#watchers[what];
    if (watchers.size > 0) for (const watcher of [...watchers]) watcher.progressed(this);
  }

  /**
   * The log, if this broker leads the partition.
   * @param currentEpoch the leader epoch that the client knows; -1 when it does not
   * @returns NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH
   */
  leaderLog(currentEpoch: RequestedEpoch = -1): PartitionLog | Failure {
    return this.#usableLog(currentEpoch, this.isLeader);
  }

  /**
   * Whether another broker may lead by now without this one knowing: it hears neither the controller nor all of the
   * replicas that it has to wait for. (While only the controller is away, the replicas in sync go on.)
   * @returns NOT_LEADER_OR_FOLLOWER, so that clients look for the leader elsewhere; undefined when all is well
   */
  cutOff(): Failure | undefined {
    const { isControllerSilent, sessionTimeoutMs } = this.#environment;
    if (this.#leadership === undefined || !isControllerSilent()) return undefined;
    const silent = this.#leadership.silentReplica(sessionTimeoutMs(), this.#moment());
    if (silent === undefined) return undefined;
    return new Failure(
      Errors.NOT_LEADER_OR_FOLLOWER,
      `This broker hears neither the controller nor broker ${silent}, which is in sync with ${this.name}: ` +
        'another may lead by now. Ask other brokers for the leader.',
    );
  }

  /** If it is cut off, tells those who wait for a commit that it may never come from here. @returns whether it is */
  settleCutOff(): boolean {
    const cutOff = this.cutOff();
    if (cutOff === undefined) return false;
    if (this.#commits.size > 0) this.#commits.fail(cutOff);
    return true;
  }

  /** The same, also where this broker follows: for consumers that may read from the nearest replica (KIP-392). */
  readableLog(currentEpoch: RequestedEpoch = -1): PartitionLog | Failure {
    return this.#usableLog(currentEpoch, this.#role.kind !== 'none');
  }

  #usableLog(currentEpoch: RequestedEpoch, isUsable: boolean): PartitionLog | Failure {
    if (this.#offline !== undefined) return this.#offline;
    const problem = this.#log?.failure ?? this.#checkEpoch(currentEpoch);
    if (problem !== undefined) return problem;
    if (this.#log !== undefined && isUsable) return this.#log;
    const why = this.#log === undefined ? 'its log is still being opened' : `broker ${this.leader} leads it`;
    return new Failure(
      Errors.NOT_LEADER_OR_FOLLOWER,
      `This broker does not lead ${this.name}: ${why}. Refresh the metadata and try again.`,
    );
  }

  #checkEpoch(currentEpoch: RequestedEpoch): Failure | undefined {
    if (currentEpoch < 0 || this.#state === undefined || currentEpoch === this.leaderEpoch) return undefined;
    return currentEpoch < this.leaderEpoch
      ? new Failure(
          Errors.FENCED_LEADER_EPOCH,
          `The request knows leader epoch ${currentEpoch} of ${this.name}, which is at ${this.leaderEpoch}: refresh the metadata`,
        )
      : new Failure(
          Errors.UNKNOWN_LEADER_EPOCH,
          `The request knows leader epoch ${currentEpoch} of ${this.name}, and this broker only ${this.leaderEpoch}: try again`,
        );
  }

  /**
   * Appends a batch as the leader.
   * @param requiredAcks -1 where all in-sync replicas must have it
   * @returns what {@link leaderLog} and the log refuse; NOT_ENOUGH_REPLICAS for acks -1
   */
  append(
    batch: RecordBatch,
    { requiredAcks, origin }: { readonly requiredAcks: number; readonly origin: 'client' | 'coordinator' },
  ): Appended | Failure {
    const log = this.cutOff() ?? this.leaderLog();
    if (failed(log)) return log;
    const missing = requiredAcks === -1 ? this.underMinIsr() : undefined;
    if (missing !== undefined) {
      return new Failure(Errors.NOT_ENOUGH_REPLICAS, `${missing}: nothing was written`);
    }
    const appended = log.appendAsLeader(batch.buffer, { leaderEpoch: this.leaderEpoch, origin });
    if (failed(appended)) return appended;
    // With write.caching and without followers it is committed by that.
    if (log.durableOffset === log.endOffset) this.#advanceHighWatermark();
    this.#notify('appended');
    return appended;
  }

  /** Why acks=all can't be promised at the moment: in a text, undefined when it can. */
  underMinIsr(): string | undefined {
    const { length } = this.isr;
    if (this.#state === undefined || length >= this.#minIsr) return undefined;
    return `${this.name} has ${length} in-sync replicas and min.insync.replicas wants ${this.#minIsr}`;
  }

  /**
   * Whether offsets at the end can't be told yet: a new leader learns only after a while how far its predecessor had
   * committed, and a consumer that was told more before would seem to go back.
   */
  offsetsUnavailable(): Failure | undefined {
    const { highWatermark } = this.#log!;
    if (this.#leadership === undefined || highWatermark >= this.#leadership.epochStartOffset)
      return undefined;
    return new Failure(
      Errors.OFFSET_NOT_AVAILABLE,
      `The high watermark of ${this.name} is not known yet in leader epoch ${this.leaderEpoch}: try again`,
    );
  }

  /** Calls back once when everything before `offset` is committed, or with the reason why it will not be. */
  whenCommitted(offset: Offset, done: (failure: Failure | undefined) => void): void {
    const log = this.leaderLog();
    if (failed(log)) done(log);
    else if (log.highWatermark >= offset) done(undefined);
    else this.#commits.add(offset, done);
  }

  /** The lowest start of any replica's log whose broker is up; undefined unless this broker leads. */
  get lowWatermark(): Offset | undefined {
    return this.#leadership?.lowWatermark(this.#log!);
  }

  /** Calls back once when no replica that is up has records before `offset`, or with the reason why that is unknown. */
  whenDeleted(offset: Offset, done: (failure: Failure | undefined) => void): void {
    const log = this.leaderLog();
    if (failed(log)) done(log);
    else if (this.#leadership!.lowWatermark(log) >= offset) done(undefined);
    else this.#deletions.add(offset, done);
  }

  /**
   * A follower fetches: what it says of its log counts from now on. To be called when the offset was found to be in
   * this log, and of the epoch that the follower has it from.
   * @returns UNKNOWN_LEADER_EPOCH for a broker that has no replica, as far as this one knows; NOT_LEADER_OR_FOLLOWER
   *   for a process that the cluster has forgotten
   */
  followerFetched(id: NodeId, report: FollowerFetch): Failure | undefined {
    const leadership = this.#leadership!;
    const follower = leadership.follower(id);
    if (follower === undefined) {
      return new Failure(
        Errors.UNKNOWN_LEADER_EPOCH,
        `Broker ${id} has no replica of ${this.name}, as far as its leader knows in epoch ${this.leaderEpoch}: try again`,
      );
    }
    const registered = this.#environment.cluster.brokerEpoch(id);
    if (registered !== undefined && report.brokerEpoch >= 0n && report.brokerEpoch < registered) {
      return new Failure(
        Errors.NOT_LEADER_OR_FOLLOWER,
        `Broker ${id} fetches ${this.name} under the epoch ${report.brokerEpoch}, and is registered under ${registered} by now`,
      );
    }
    const hasNews = follower.endOffset !== report.fetchOffset;
    leadership.fetched(follower, report, this.#moment());
    this.#settleDeletions();
    if (leadership.isIncomplete) this.#proposeIsr(leadership.expand(this.#moment()));
    if (hasNews) this.#advanceHighWatermark();
    return undefined;
  }

  #proposeIsr(change: IsrChange | undefined): void {
    if (change !== undefined) this.#environment.changeIsr(this, change);
  }

  /** Looks again who is in sync: time has passed, or brokers came or went. */
  reviewIsr(): void {
    const leadership = this.#leadership;
    if (leadership === undefined) return;
    this.#proposeIsr(leadership.shrink(this.#moment()) ?? leadership.expand(this.#moment()));
    this.#settleDeletions();
    this.#advanceHighWatermark();
  }

  /**
   * The controller answered a change of the in-sync replicas.
   * @param accepted what is in force now; undefined when the change is not going to be made
   */
  isrAnswered(
    change: IsrChange,
    accepted: Pick<PartitionState, 'isr' | 'leaderEpoch' | 'partitionEpoch'> | undefined,
  ): void {
    const leadership = this.#leadership;
    if (leadership === undefined) return;
    if (accepted === undefined) leadership.refused(change);
    else if (leadership.accepted(change, accepted)) {
      const { isr, partitionEpoch } = accepted;
      this.#state = { ...this.#state!, isr, partitionEpoch };
      this.#settleMinIsr();
    }
    this.#advanceHighWatermark();
  }

  /** The log of a follower, as long as it has this very role. */
  followedLog(role: Role): PartitionLog | Failure {
    if (this.#offline !== undefined) return this.#offline;
    const log = this.#log!;
    if (log.failure !== undefined) return log.failure;
    if (this.#role === role && !this.#isCutting) return log;
    return new Failure(Errors.NOT_LEADER_OR_FOLLOWER, `${this.name} is not followed that way any more`);
  }

  /** Appends what was fetched from the leader, in the role of then. */
  appendFetched(role: Role, { records, highWatermark, logStartOffset }: FetchedRecords): Failure | undefined {
    const log = this.followedLog(role);
    if (failed(log)) return log;
    if (records.length > 0) {
      const appended = log.appendAsFollower(records, { leaderEpoch: this.leaderEpoch });
      if (failed(appended)) return appended;
    }
    if (highWatermark > log.highWatermark && log.setHighWatermark(highWatermark)) this.#notify('committed');
    if (logStartOffset > log.logStartOffset) {
      const failure = log.incrementLogStartOffset(logStartOffset);
      if (failure !== undefined && failure.code !== Errors.OFFSET_OUT_OF_RANGE) return failure;
    }
    return undefined;
  }

  /** Cuts the log of a follower; resolves with what the cut itself came to. */
  async cut(
    role: Role,
    task: (log: PartitionLog) => Promise<Failure | undefined>,
  ): Promise<Failure | undefined> {
    const log = this.followedLog(role);
    if (failed(log)) return log;
    this.#isCutting = true;
    const failure = await task(log);
    this.#isCutting = false;
    this.#takeRole();
    return failure;
  }

  /** Calls the watcher at each progress, until {@link unwatch}. */
  watch(watcher: AppendWatcher, what: Watched): void {
    this.#watchers[what].add(watcher);
  }

  unwatch(watcher: AppendWatcher, what: Watched): void {
    this.#watchers[what].delete(watcher);
  }
}

function sameRole(left: Role, right: Role): boolean {
  if (left.kind === 'none' || right.kind === 'none') return left.kind === right.kind;
  if (left.kind !== right.kind || left.epoch !== right.epoch) return false;
  return left.kind === 'leading' || right.kind === 'leading' || left.leader === right.leader;
}
