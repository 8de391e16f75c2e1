import type { LogRead } from '../log/log_types.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import type { AbortedTransaction } from '../log/transaction_index.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  asLeaderEpoch,
  asOffset,
  type BrokerEpoch,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  UNKNOWN_OFFSET,
} from '../model/ids.ts';
import type { Clock, Timer } from '../model/ports.ts';
import type { FetchPartition } from './fetch_sessions.ts';
import type { AppendWatcher, Partition, Watched } from './partition.ts';

/** How long a follower's fetch waits at most while what the follower has is not committed. */
const COMMIT_NEWS_MS = 100;

/** A partition that is to be read, or why it can't be. */
export interface FetchTarget {
  readonly want: FetchPartition;
  readonly partition: Partition | Failure;
  /** A replica that the consumer should rather read from: it is named in place of records (KIP-392). */
  readonly preferredReplica?: NodeId | undefined;
}

export interface FetchBounds {
  /** The answer waits until there is so much, or {@link maxWaitMs} is over. */
  readonly minBytes: number;
  /** Of all partitions together; the first batch is given even if it alone is larger. */
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Whether records of open transactions are left out, and the aborted ones named. */
  readonly isReadCommitted: boolean;
  /** Set for a follower, which reads up to the end of the log. */
  readonly follower?: FetchingFollower | undefined;
  /** Whether a consumer may read from a replica that does not lead (KIP-392). */
  readonly mayReadFollowers: boolean;
}

/** A broker that fetches to follow. */
export interface FetchingFollower {
  readonly id: NodeId;
  /** Of its registration; -1 when it does not tell. */
  readonly brokerEpoch: BrokerEpoch;
  /** Whether a partition gives it nothing at the moment, because its replication is throttled (KIP-73). */
  readonly isThrottled: (partition: Partition) => boolean;
}

/** What was read of one partition. */
export interface FetchedPartition {
  readonly want: FetchPartition;
  /** Why nothing could be read. */
  readonly failure?: Failure;
  readonly highWatermark: Offset;
  readonly lastStableOffset: Offset;
  readonly logStartOffset: Offset;
  readonly chunks: readonly Buffer[];
  readonly sizeBytes: number;
  /** With read committed alone. */
  readonly abortedTransactions?: readonly AbortedTransaction[];
  /** The reader's log and the leader's part ways there: it has to truncate (KIP-595). */
  readonly divergingEpoch?: { readonly epoch: LeaderEpoch; readonly endOffset: Offset };
  /** The replica that the consumer should rather read from (KIP-392). */
  readonly preferredReplica?: NodeId;
}

/**
 * One fetch: reads its partitions in their order and, while that is too little, waits for more: to be committed, or for
 * a follower to be appended. Reads of what was appended last come from memory, so that a fetch at the end of its
 * partitions is answered in the same turn, with all that the turn brings.
 *
 *     reading → answered    there is enough, an error, or nothing to wait for
 *     reading → waiting     there is too little
 *     waiting → reading     a partition made progress
 *     waiting → answered    the time is over
 */
export class FetchOperation implements AppendWatcher {
  readonly #targets: readonly FetchTarget[];
  readonly #bounds: FetchBounds;
  readonly #watched: Watched;
  readonly #clock: Clock;
  /** In the order of the targets; those not read yet are missing. */
  #results: (FetchedPartition | undefined)[];
  #sizeBytes = 0;
  /** Whether there is something to be told at once: an error, a diverging epoch. */
  #isUrgent = false;
  /** A follower has what is not committed yet, or is by this fetch: it soon hears of it, for those who read there. */
  #hasCommitNews = false;
  /** Targets of the partitions that made progress while waiting. */
  readonly #progressed = new Set<Partition>();
  #isReading = false;
  #isWatching = false;
  #timer: Timer | undefined;
  #isOver = false;
  #answer: ((results: readonly FetchedPartition[]) => void) | undefined;

  constructor(targets: readonly FetchTarget[], bounds: FetchBounds, clock: Clock) {
    this.#targets = targets;
    this.#bounds = bounds;
    this.#watched = bounds.follower === undefined ? 'committed' : 'appended';
    this.#clock = clock;
    this.#results = new Array(targets.length).fill(undefined);
  }

  /** Runs the fetch; the results are in the order of the targets. */
  async run(): Promise<readonly FetchedPartition[]> {
    this.#isReading = true;
    await this.#read(this.#targets.keys(), true);
    if (this.#isWatching) await this.#readProgressed();
    if (this.#isEnough() || !this.#isWatching) return this.#finish();
    return await new Promise(resolve => {
      this.#answer = resolve;
      this.#timer = this.#clock.startTimer(this.#waitMs(), () => {
        this.#isOver = true;
        this.#settle();
      });
    });
  }

  #waitMs(): number {
    const { maxWaitMs } = this.#bounds;
    return this.#hasCommitNews ? Math.min(maxWaitMs, COMMIT_NEWS_MS) : maxWaitMs;
  }

  #isEnough(): boolean {
    return this.#isUrgent || this.#sizeBytes >= this.#bounds.minBytes || this.#targets.length === 0;
  }

  /**
   * From now on nothing is missed: to be called before anything else can happen, and only where the fetch may have to
   * wait, which of many partitions is the smaller part of the work of a fetch that need not.
   */
  #watch(): void {
    if (this.#isWatching || this.#bounds.maxWaitMs <= 0) return;
    this.#isWatching = true;
    for (const { partition } of this.#targets) if (!failed(partition)) partition.watch(this, this.#watched);
  }

  progressed(partition: Partition): void {
    this.#progressed.add(partition);
    if (!this.#isReading) void this.#readProgressed();
  }

  /** Reads again what made progress, until there is enough or nothing new. */
  async #readProgressed(): Promise<void> {
    this.#isReading = true;
    // Behind what is under way: one request may append to many partitions.
    await undefined;
    while (this.#progressed.size > 0 && !this.#isEnough()) {
      const indexes: number[] = [];
      this.#targets.forEach(({ partition }, index) => {
        if (!failed(partition) && this.#progressed.has(partition)) indexes.push(index);
      });
      this.#progressed.clear();
      await this.#read(indexes, false);
    }
    this.#isReading = false;
    this.#settle();
  }

  #settle(): void {
    if (this.#answer === undefined || this.#isReading || !(this.#isOver || this.#isEnough())) return;
    const answer = this.#answer;
    this.#answer = undefined;
    answer(this.#finish());
  }

  #finish(): readonly FetchedPartition[] {
    if (!this.#isWatching) return this.#results as FetchedPartition[];
    this.#timer?.cancel();
    this.#targets.forEach(({ partition }, at) => {
      if (failed(partition)) return;
      partition.unwatch(this, this.#watched);
      // What a follower waited for is not all that it is told.
      const result = this.#results[at]!;
      if (
        this.#isOver &&
        result.failure === undefined &&
        result.sizeBytes === 0 &&
        partition.log !== undefined
      ) {
        this.#results[at] = { ...result, ...offsetsOf(partition.log) };
      }
    });
    return this.#results as FetchedPartition[];
  }

  async #read(indexes: Iterable<number>, isFirst: boolean): Promise<void> {
    for (const index of indexes) {
      const before = this.#results[index];
      if (before !== undefined) this.#sizeBytes -= before.sizeBytes;
      const reading = this.#readTarget(this.#targets[index]!, isFirst);
      // What is committed while this waits for the disk must not be missed.
      if (reading instanceof Promise) this.#watch();
      const result = reading instanceof Promise ? await reading : reading;
      this.#results[index] = result;
      this.#sizeBytes += result.sizeBytes;
      const { failure, divergingEpoch, preferredReplica } = result;
      if (failure !== undefined || divergingEpoch !== undefined || preferredReplica !== undefined) {
        this.#isUrgent = true;
      }
    }
    if (isFirst && !this.#isEnough()) this.#watch();
  }

  /** @param isFirst whether the reader has just said where it is: it may have waited since */
  #readTarget(target: FetchTarget, isFirst: boolean): FetchedPartition | Promise<FetchedPartition> {
    const { want, partition, preferredReplica } = target;
    if (failed(partition)) return failedFetch(want, partition);
    const { follower, isReadCommitted, mayReadFollowers } = this.#bounds;
    const log = mayReadFollowers
      ? partition.readableLog(want.currentLeaderEpoch)
      : partition.leaderLog(want.currentLeaderEpoch);
    if (failed(log)) return failedFetch(want, log);
    // A consumer would wait here for what is written elsewhere by now.
    const cutOff = follower === undefined ? partition.cutOff() : undefined;
    if (cutOff !== undefined) return failedFetch(want, cutOff);
    if (preferredReplica !== undefined) return { ...fetched(want, log, nothingAt(want)), preferredReplica };
    const refused = checkLastFetched(want, log);
    if (refused !== undefined) return refused;
    if (follower !== undefined && isFirst) {
      const { highWatermark } = log;
      const failure = noteFollower(follower, want, partition, log);
      if (failure !== undefined) return failedFetch(want, failure);
      this.#hasCommitNews ||= log.highWatermark > highWatermark || log.endOffset > log.highWatermark;
    }
    if (follower?.isThrottled(partition) === true) return fetched(want, log, nothingAt(want));
    const read = log.read(asOffset(want.fetchOffset), {
      maxBytes: Math.max(0, Math.min(want.maxBytes, this.#bounds.maxBytes - this.#sizeBytes)),
      upTo: this.#visibleEnd(log),
      minOneBatch: this.#sizeBytes === 0,
    });
    if (!isReadCommitted && !(read instanceof Promise)) return fetched(want, log, read);
    return this.#readSlowly(want, log, read);
  }

  #visibleEnd(log: PartitionLog): Offset {
    if (this.#bounds.follower !== undefined) return log.endOffset;
    return this.#bounds.isReadCommitted ? log.lastStableOffset : log.highWatermark;
  }

  async #readSlowly(
    want: FetchPartition,
    log: PartitionLog,
    reading: LogRead | Failure | Promise<LogRead | Failure>,
  ): Promise<FetchedPartition> {
    const read = await reading;
    if (failed(read) || !this.#bounds.isReadCommitted) return fetched(want, log, read);
    const aborted =
      read.sizeBytes === 0 ? [] : await log.abortedTransactions(asOffset(want.fetchOffset), read.nextOffset);
    if (failed(aborted)) return fetched(want, log, aborted);
    return { ...fetched(want, log, read), abortedTransactions: aborted };
  }
}

/** What a follower says of itself counts, if what it says can be: its offset is one of this log. */
function noteFollower(
  { id, brokerEpoch }: FetchingFollower,
  { fetchOffset, logStartOffset }: FetchPartition,
  partition: Partition,
  log: PartitionLog,
): Failure | undefined {
  // The read that follows says why.
  if (fetchOffset < log.logStartOffset || fetchOffset > log.endOffset) return undefined;
  return partition.followerFetched(id, {
    fetchOffset: asOffset(fetchOffset),
    logStartOffset: asOffset(logStartOffset),
    brokerEpoch,
  });
}

function nothingAt({ fetchOffset }: FetchPartition): LogRead {
  return { chunks: [], sizeBytes: 0, nextOffset: asOffset(fetchOffset), hasMore: false };
}

function fetched(want: FetchPartition, log: PartitionLog, read: LogRead | Failure): FetchedPartition {
  if (failed(read)) return failedFetch(want, read);
  return { want, ...offsetsOf(log), chunks: read.chunks, sizeBytes: read.sizeBytes };
}

function offsetsOf({ highWatermark, lastStableOffset, logStartOffset }: PartitionLog) {
  return { highWatermark, lastStableOffset, logStartOffset };
}

function failedFetch(want: FetchPartition, failure: Failure): FetchedPartition {
  return {
    want,
    failure,
    highWatermark: UNKNOWN_OFFSET,
    lastStableOffset: UNKNOWN_OFFSET,
    logStartOffset: UNKNOWN_OFFSET,
    chunks: [],
    sizeBytes: 0,
  };
}

/** Whether the reader's last record is in this log too: else where the two part ways, or that this is unknown. */
function checkLastFetched(want: FetchPartition, log: PartitionLog): FetchedPartition | undefined {
  const { lastFetchedEpoch, fetchOffset } = want;
  if (lastFetchedEpoch < 0) return undefined;
  const end = log.endOffsetForEpoch(asLeaderEpoch(lastFetchedEpoch));
  if (end.leaderEpoch < 0 || end.endOffset < 0n || fetchOffset < log.logStartOffset) {
    const text = `Offset ${fetchOffset} of epoch ${lastFetchedEpoch} can't be found in ${log.topic}-${log.partition}, which has ${log.logStartOffset} to ${log.endOffset}`;
    return failedFetch(want, new Failure(Errors.OFFSET_OUT_OF_RANGE, text));
  }
  if (end.leaderEpoch >= lastFetchedEpoch && end.endOffset >= fetchOffset) return undefined;
  return {
    ...fetched(want, log, nothingAt(want)),
    divergingEpoch: { epoch: end.leaderEpoch, endOffset: end.endOffset },
  };
}
