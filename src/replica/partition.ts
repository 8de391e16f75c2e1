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
import type { RecordBatch } from '../records/record_batch.ts';
import type { TopicSettings } from '../settings/topic_settings.ts';
import { CommitWaiters } from './commit_waiters.ts';
import type { PartitionState } from './partition_state.ts';

/** Is told when there may be more to read; what it does then must not throw. */
export interface AppendWatcher {
  /** The high watermark rose, or the partition can't be read any more. */
  progressed(partition: Partition): void;
}

/** What a leader or consumer says it knows of the partition's leadership; -1 when it does not. */
type RequestedEpoch = number;

export interface PartitionOptions {
  readonly nodeId: NodeId;
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly config: TopicSettings;
}

/**
 * A partition of which this broker has a replica.
 *
 *     opening → leading     its log is open, and the metadata names this broker the leader
 *     opening → following   its log is open, and another broker leads, or none
 *     leading ↔ following   the metadata changed
 *     any     → offline     the log's directory failed, or the partition moved away: for good
 *
 * The high watermark is what all in-sync replicas have on disk (or, with `write.caching`, in their caches): nothing
 * above it is shown to consumers or acknowledged with acks=all.
 */
export class Partition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly #nodeId: NodeId;
  /** The topic's settings as they are now. */
  config: TopicSettings;
  #log: PartitionLog | undefined;
  /** As the metadata last had it. */
  #state: PartitionState | undefined;
  /** Why the partition can't be used; undefined when it can. */
  #offline: Failure | undefined;
  /** Where this broker's leadership began; undefined unless it leads. */
  #epochStartOffset: Offset | undefined;
  readonly #commits = new CommitWaiters();
  readonly #watchers = new Set<AppendWatcher>();

  constructor({ nodeId, topic, topicId, index, config }: PartitionOptions) {
    this.#nodeId = nodeId;
    this.topic = topic;
    this.topicId = topicId;
    this.index = index;
    this.config = config;
  }

  get name(): string {
    return `${this.topic}-${this.index}`;
  }

  get isLeader(): boolean {
    return this.#epochStartOffset !== undefined;
  }

  get leaderEpoch(): LeaderEpoch {
    return this.#state?.leaderEpoch ?? UNKNOWN_LEADER_EPOCH;
  }

  get leader(): NodeId {
    return this.#state?.leader ?? NO_NODE;
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
    if (this.#state?.leader === this.#nodeId) this.#lead(log, this.#state.leaderEpoch);
  }

  /** Acts on what the metadata says; older states than the present one are ignored. */
  apply(state: PartitionState): void {
    if (this.#offline !== undefined) return;
    const before = this.#state;
    if (before !== undefined && state.partitionEpoch < before.partitionEpoch) return;
    this.#state = state;
    if (state.leader !== this.#nodeId) {
      this.#stopLeading(`broker ${state.leader} leads it in epoch ${state.leaderEpoch}`);
    } else if (this.#log !== undefined && (!this.isLeader || state.leaderEpoch > before!.leaderEpoch)) {
      this.#lead(this.#log, state.leaderEpoch);
    }
  }

  #lead(log: PartitionLog, epoch: LeaderEpoch): void {
    log.beginLeaderEpoch(epoch);
    this.#epochStartOffset = log.endOffset;
    this.#advanceHighWatermark();
  }

  /** The partition is of no use at this broker any more; everything that waits is told why. */
  close(reason: Failure): void {
    if (this.#offline !== undefined) return;
    this.#offline = reason;
    this.#log?.onDurable(undefined);
    this.#epochStartOffset = undefined;
    this.#commits.fail(reason);
    this.#notify();
  }

  #stopLeading(why: string): void {
    if (!this.isLeader) return;
    this.#epochStartOffset = undefined;
    this.#commits.fail(
      new Failure(Errors.NOT_LEADER_OR_FOLLOWER, `This broker no longer leads ${this.name}: ${why}`),
    );
    this.#notify();
  }

  #advanceHighWatermark(): void {
    const log = this.#log;
    if (log === undefined || !this.isLeader) return;
    if (!log.setHighWatermark(log.durableOffset)) return;
    this.#commits.release(log.highWatermark);
    this.#notify();
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher.progressed(this);
  }

  /**
   * The log, if this broker leads the partition.
   * @param currentEpoch the leader epoch that the client knows; -1 when it does not
   * @returns NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH
   */
  leaderLog(currentEpoch: RequestedEpoch = -1): PartitionLog | Failure {
    if (this.#offline !== undefined) return this.#offline;
    const problem = this.#log?.failure ?? this.#checkEpoch(currentEpoch);
    if (problem !== undefined) return problem;
    if (this.#log !== undefined && this.isLeader) return this.#log;
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
    const log = this.leaderLog();
    if (failed(log)) return log;
    const missing = requiredAcks === -1 ? this.underMinIsr() : undefined;
    if (missing !== undefined) {
      return new Failure(Errors.NOT_ENOUGH_REPLICAS, `${missing}: nothing was written`);
    }
    const appended = log.appendAsLeader(batch.buffer, { leaderEpoch: this.leaderEpoch, origin });
    if (!failed(appended)) this.#advanceHighWatermark();
    return appended;
  }

  /** Why acks=all can't be promised at the moment: in a text, undefined when it can. */
  underMinIsr(): string | undefined {
    const { isr, replicas } = this.#state!;
    // More than there are replicas can't be asked for: such a topic would never take a record.
    const needed = Math.min(this.config.minInsyncReplicas, replicas.length);
    return isr.length >= needed
      ? undefined
      : `${this.name} has ${isr.length} in-sync replicas and min.insync.replicas wants ${needed}`;
  }

  /**
   * Whether offsets at the end can't be told yet: a new leader learns only after a while how far its predecessor had
   * committed, and a consumer that was told more before would seem to go back.
   */
  offsetsUnavailable(): Failure | undefined {
    const { highWatermark } = this.#log!;
    if (this.#epochStartOffset === undefined || highWatermark >= this.#epochStartOffset) return undefined;
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

  /** Calls the watcher at each progress, until {@link unwatch}. */
  watch(watcher: AppendWatcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: AppendWatcher): void {
    this.#watchers.delete(watcher);
  }
}
