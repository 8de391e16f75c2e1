import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  type LeaderEpoch,
  maxOffset,
  minOffset,
  type Offset,
  type PartitionIndex,
  type Uuid,
} from '../model/ids.ts';
import { DiskError } from '../model/ports.ts';
import { clearFailedSync, markFailedSync } from './failed_sync_mark.ts';
import { FileState } from './file_names.ts';
import type { EpochEnd, EpochEntry } from './leader_epochs.ts';
import { LogAppender } from './log_appender.ts';
import type { LogConfig } from './log_config.ts';
import { LogCore } from './log_core.ts';
import { type LoadedLog, loadLog } from './log_loader.ts';
import { isGone, readSegments } from './log_reader.ts';
import { LogTruncation } from './log_truncation.ts';
import type { Appended, LeaderAppendOptions, LogRead, LogServices, OpenLogOptions } from './log_types.ts';
import { PartitionLogger } from './partition_logger.ts';
import { findTopicId, writePartitionMetadata } from './partition_metadata.ts';
import type { ProducerEntry } from './producer_state.ts';
import type { RecoveryReport } from './recovery.ts';
import { segmentsToDelete } from './retention.ts';
import { Segment, type SegmentEnvironment } from './segment.ts';
import { SegmentReplacement } from './segment_replacement.ts';
import type { BatchChunks, ReadBounds } from './tail_cache.ts';
import { type FoundTimestamp, findMaxTimestamp, findTimestamp } from './timestamp_lookup.ts';
import type { AbortedTransaction } from './transaction_index.ts';

/**
 * The log of one partition, in Kafka's files. Appends, and reads of what was appended last, happen at once; what waits
 * for the disk returns promises. An error of the disk is a failure with KAFKA_STORAGE_ERROR; after one the log is
 * failed for good, since nothing is known of its files any more.
 *
 *     open → closed    close(), discard()
 *     open → failed    the disk failed
 *
 * While a truncation runs nothing may be appended: the role of leader or follower that wanted it waits for its end.
 */
export class PartitionLog {
  readonly #core: LogCore;
  readonly #appender: LogAppender;
  readonly #truncation: LogTruncation;
  /** What loading the log found and did. */
  readonly recoveryReport: RecoveryReport;
  /** Whether it had the mark of a log that may lack acknowledged records when it was opened. */
  readonly isMarkedIncomplete: boolean;
  #topicId: Uuid | undefined;

  private constructor(
    core: LogCore,
    topicId: Uuid | undefined,
    { report, isMarkedIncomplete }: Pick<LoadedLog, 'report' | 'isMarkedIncomplete'>,
  ) {
    this.#core = core;
    this.#appender = new LogAppender(core);
    this.#truncation = new LogTruncation(core);
    this.#topicId = topicId;
    this.recoveryReport = report;
    this.isMarkedIncomplete = isMarkedIncomplete;
  }

  /**
   * Opens the log of a directory, or makes it. After a shutdown that was not clean it is checked first, which reads
   * everything behind the recovery point.
   * @returns KAFKA_STORAGE_ERROR when the disk fails; INCONSISTENT_TOPIC_ID
   */
  static async open(services: LogServices, options: OpenLogOptions): Promise<PartitionLog | Failure> {
    const { disk, clock } = services;
    const { directory } = options;
    let core: LogCore | undefined;
    const environment: SegmentEnvironment = {
      ...services,
      logger: new PartitionLogger(services.logger, `${options.topic}-${options.partition}`),
      directory,
      indexIntervalBytes: () => (core?.config ?? options.config).indexIntervalBytes,
      askForSync: () => core?.durability.request(),
    };
    try {
      const isMade = !disk.exists(directory);
      if (isMade) disk.makeDirectory(directory);
      const topicId = findTopicId(disk, directory, options.topicId);
      if (failed(topicId)) return topicId;
      const loaded = await loadLog(environment, { ...options, clock, isMade });
      core = new LogCore(services, options, environment, loaded);
      if (topicId.isToBeWritten)
        core.persistence.writtenAt(writePartitionMetadata(disk, directory, topicId.id));
      if (!loaded.isSettled || topicId.isToBeWritten) makeDurable(core);
      if (loaded.isSuspect) void trustOnceSynced(core);
      return new PartitionLog(core, topicId.id, loaded);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      options.owner.diskFailed(error);
      return new Failure(
        Errors.KAFKA_STORAGE_ERROR,
        `Cannot open the log in ${directory}: ${error.message}. Check the disk and start the broker again.`,
      );
    }
  }

  get topic(): string {
    return this.#core.options.topic;
  }

  get partition(): PartitionIndex {
    return this.#core.options.partition;
  }

  get directory(): string {
    return this.#core.directory;
  }

  /** Of the topic; undefined in a log of before topics had ids. */
  get topicId(): Uuid | undefined {
    return this.#topicId;
  }

  get config(): LogConfig {
    return this.#core.config;
  }

  updateConfig(config: LogConfig): void {
    this.#core.config = config;
  }

  /** Why nothing works any more: the log is failed or closed. */
  get failure(): Failure | undefined {
    return this.#core.failure;
  }

  /** Records below are deleted. Never above the high watermark. */
  get logStartOffset(): Offset {
    return this.#core.logStartOffset;
  }

  /** Records below are on all in-sync replicas, as far as is known. */
  get highWatermark(): Offset {
    return this.#core.highWatermark;
  }

  /** The offset that the next record will have. */
  get endOffset(): Offset {
    return this.#core.endOffset;
  }

  /** All below it may be acknowledged: it is on the disk, or with `write.caching` in the system's cache. */
  get durableOffset(): Offset {
    return this.#core.durability.durableOffset;
  }

  /** What is to be stored as the log's recovery point: below it a crash leaves nothing to check. */
  get recoveryPoint(): Offset {
    return this.#core.persistence.recoveryPoint;
  }

  /** Below it everything is decided: no open transaction, and none whose end may be lost yet. */
  get lastStableOffset(): Offset {
    const { producers, highWatermark, logStartOffset } = this.#core;
    const unstable = producers.firstUnstableOffset;
    return unstable === undefined
      ? highWatermark
      : minOffset(highWatermark, maxOffset(unstable, logStartOffset));
  }

  /** Bytes of the records in all segments. */
  get sizeBytes(): number {
    return this.#core.segments.sizeBytes;
  }

  get segmentCount(): number {
    return this.#core.segments.count;
  }

  /**
   * Sets what is called when {@link durableOffset} has risen, other than during an append itself; one at a time.
   */
  onDurable(listener: ((offset: Offset) => void) | undefined): void {
    this.#core.durableListener = listener;
  }

  /** Resolves when all below `offset` may be acknowledged; with a failure if that will never be. */
  awaitDurable(offset: Offset): Promise<Failure | undefined> {
    return this.#core.durability.awaitDurable(offset);
  }

  /** Begins to bring to the disk what is not there yet, without waiting for it. */
  flush(): void {
    this.#core.durability.request();
  }

  /**
   * Appends batches as the partition's leader: gives them the next offsets and the leader epoch, in place, and
   * perhaps the time as their timestamp. Their memory must not change from then on. Of a client, `records` must be the
   * one batch that `checkProducedRecords` made sure of; its size, checksum, header, timestamps and sequence are
   * checked here.
   * @returns MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, CORRUPT_MESSAGE, INVALID_RECORD, INVALID_TIMESTAMP,
   *   OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, TRANSACTION_COORDINATOR_FENCED,
   *   KAFKA_STORAGE_ERROR; nothing was appended then
   */
  appendAsLeader(records: Buffer, options: LeaderAppendOptions): Appended | Failure {
    return this.#appender.asLeader(records, options);
  }

  /**
   * Appends batches that a leader has, as they are. A batch that is cut off at the end is left out, and so are those
   * from the first on of a newer epoch than `leaderEpoch`, that of the leader that they were fetched from.
   * @returns undefined when nothing is left to append; CORRUPT_MESSAGE; OFFSET_OUT_OF_RANGE when the batches do not
   *   follow on the log's end (the first one contains it when the leader's log starts inside of it);
   *   KAFKA_STORAGE_ERROR
   */
  appendAsFollower(
    records: Buffer,
    { leaderEpoch }: { readonly leaderEpoch: LeaderEpoch },
  ): Appended | Failure | undefined {
    return this.#appender.asFollower(records, leaderEpoch);
  }

  /** Begins a new segment, unless the active one is empty or was begun just now. */
  roll(): Failure | undefined {
    const { failure, segments, endOffset, persistence } = this.#core;
    if (failure !== undefined) return failure;
    try {
      if (segments.active.sizeBytes > 0 && !persistence.isNewestUnnamed) this.#core.roll(endOffset);
      return undefined;
    } catch (error) {
      return this.#core.fail(error);
    }
  }

  /**
   * Reads batches from the one on that contains `startOffset`, or the next one: from memory at once, from the disk
   * with a promise. Their memory must not be changed.
   * @returns OFFSET_OUT_OF_RANGE when the offset is neither in the log nor its end; REPLICA_NOT_AVAILABLE while the
   *   log is truncated; CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR
   */
  read(startOffset: Offset, bounds: ReadBounds): LogRead | Failure | Promise<LogRead | Failure> {
    const { tail, endOffset, logStartOffset, name } = this.#core;
    const refused = this.#readRefusal();
    if (refused !== undefined) return refused;
    if (startOffset < logStartOffset || startOffset > endOffset) {
      return new Failure(
        Errors.OFFSET_OUT_OF_RANGE,
        `Offset ${startOffset} is not in ${name}, which has ${logStartOffset} to ${endOffset}`,
      );
    }
    const upTo = minOffset(bounds.upTo, endOffset);
    if (startOffset >= upTo) return { chunks: [], sizeBytes: 0, nextOffset: startOffset, hasMore: false };
    const bounded = { ...bounds, upTo };
    const cached = tail.read(startOffset, bounded);
    return cached === undefined ? this.#readFromDisk(startOffset, bounded) : withMore(cached, bounded);
  }

  async #readFromDisk(startOffset: Offset, bounds: ReadBounds): Promise<LogRead | Failure> {
    const result = await this.#stable(() => readSegments(this.#core.segments, startOffset, bounds));
    if (result === 'changed') return this.read(startOffset, bounds);
    return failed(result) ? result : withMore(result, bounds);
  }

  #readRefusal(): Failure | undefined {
    const { failure, isTruncating, name } = this.#core;
    if (failure !== undefined || !isTruncating) return failure;
    return new Failure(
      Errors.REPLICA_NOT_AVAILABLE,
      `${name} is being truncated to follow its leader: try again`,
    );
  }

  /** What a task reads from the segments; `changed` when they were truncated or deleted meanwhile. */
  async #stable<T>(task: () => Promise<T>): Promise<T | Failure | 'changed'> {
    const core = this.#core;
    const { truncations } = core;
    const { first } = core.segments;
    try {
      const result = await task();
      return core.truncations === truncations ? result : 'changed';
    } catch (error) {
      const hasChanged = core.truncations !== truncations || core.segments.first !== first;
      return isGone(error) && hasChanged ? 'changed' : core.fail(error);
    }
  }

  /**
   * The first record at or above the log's start with this timestamp or a later one; undefined when there is none.
   * @returns INVALID_RECORD, CORRUPT_MESSAGE, MESSAGE_TOO_LARGE when a batch can't be read; KAFKA_STORAGE_ERROR
   */
  async offsetForTimestamp(timestamp: bigint): Promise<FoundTimestamp | undefined | Failure> {
    return this.#find(range => findTimestamp(this.#core.segments, timestamp, range));
  }

  /** The first record with the largest timestamp (KIP-734); undefined when no record has one. The same failures. */
  async maxTimestamp(): Promise<FoundTimestamp | undefined | Failure> {
    return this.#find(range => findMaxTimestamp(this.#core.segments, range));
  }

  async #find<T>(
    find: (range: { readonly startOffset: Offset; readonly endOffset: Offset }) => Promise<T | Failure>,
  ): Promise<T | Failure> {
    for (;;) {
      const refused = this.#readRefusal();
      if (refused !== undefined) return refused;
      const { logStartOffset: startOffset, endOffset } = this.#core;
      const found = await this.#stable(() => find({ startOffset, endOffset }));
      if (found !== 'changed') return found;
    }
  }

  /**
   * The aborted transactions with records in the range, whose end is exclusive, in the order of their ends: what a
   * reader of committed records must leave out.
   */
  async abortedTransactions(
    startOffset: Offset,
    endOffset: Offset,
  ): Promise<readonly AbortedTransaction[] | Failure> {
    return this.#find(async () => {
      const found: AbortedTransaction[] = [];
      for (const segment of this.#core.segments.from(startOffset)) {
        const index = await segment.transactionIndex();
        if (index.collect(startOffset, endOffset, found)) break;
      }
      return found;
    });
  }

  /** The leader epochs of the log's records, rising; the last may be one without records yet. */
  get leaderEpochs(): readonly EpochEntry[] {
    return this.#core.epochs.entries;
  }

  get latestLeaderEpoch(): LeaderEpoch | undefined {
    return this.#core.epochs.latest?.leaderEpoch;
  }

  /** Notes that what is appended from now on is of this epoch: this broker begins to lead. */
  beginLeaderEpoch(leaderEpoch: LeaderEpoch): void {
    this.#core.epochs.assign(leaderEpoch, this.#core.endOffset);
  }

  /** Where an epoch ends, for followers and consumers whose log may have diverged (KIP-101, KIP-279, KIP-320). */
  endOffsetForEpoch(leaderEpoch: LeaderEpoch): EpochEnd {
    return this.#core.epochs.endOffsetFor(leaderEpoch, this.#core.endOffset);
  }

  /** The epoch that an offset was written in; undefined where that is not known. */
  leaderEpochAt(offset: Offset): LeaderEpoch | undefined {
    return this.#core.epochs.epochAt(offset);
  }

  /** The producers that are remembered; the entries change with the log. */
  get producers(): Iterable<Readonly<ProducerEntry>> {
    return this.#core.producers.producers;
  }

  get producerCount(): number {
    return this.#core.producers.count;
  }

  /** Forgets producers that have been idle for too long. @returns how many */
  expireProducers(): number {
    const { services, options, producers } = this.#core;
    return producers.expire(services.clock.nowMs(), options.producerIdExpirationMs);
  }

  /**
   * Sets the high watermark, within the log's bounds; a lower one than before is ignored.
   * @returns whether it rose
   */
  setHighWatermark(offset: Offset): boolean {
    return this.#core.setHighWatermark(offset);
  }

  /**
   * Deletes the records below `offset`: readers don't see them any more, and segments go with the next
   * {@link deleteOldSegments}. A lower offset than before changes nothing.
   * @returns OFFSET_OUT_OF_RANGE above the high watermark
   */
  incrementLogStartOffset(offset: Offset): Failure | undefined {
    const { failure, highWatermark, logStartOffset, name } = this.#core;
    if (failure !== undefined) return failure;
    if (offset > highWatermark) {
      return new Failure(
        Errors.OFFSET_OUT_OF_RANGE,
        `Records of ${name} can't be deleted up to offset ${offset}: the high watermark is ${highWatermark}`,
      );
    }
    if (offset > logStartOffset) this.#core.startAt(offset);
    return undefined;
  }

  /**
   * Deletes the oldest segments as `retention.ms` and `retention.bytes` say, and those below the log's start. Nothing
   * at or above the high watermark goes. The files follow after `file.delete.delay.ms`.
   * @returns how many segments were deleted
   */
  deleteOldSegments(): Promise<number | Failure> {
    const core = this.#core;
    return core.exclusively(async () => {
      const { clock, disk } = core.services;
      const { segments, highWatermark, logStartOffset, endOffset } = core;
      const modifiedMs = (segment: Segment): number => disk.modifiedMs(segment.file.path);
      const state = {
        segments: segments.all,
        highWatermark,
        logStartOffset,
        nowMs: clock.nowMs(),
        modifiedMs,
      };
      const doomed = await segmentsToDelete(state, core.config);
      // The active segment may have got records meanwhile, which it was not judged by.
      if (doomed.at(-1) === segments.active && core.endOffset > endOffset) doomed.pop();
      if (doomed.length === 0 || core.failure !== undefined) return 0;
      if (doomed.at(-1) === segments.active) core.roll(core.endOffset);
      const { baseOffset } = segments.after(doomed.at(-1)!)!;
      if (baseOffset > core.logStartOffset) core.startAt(baseOffset);
      for (const segment of doomed) {
        core.remove([segment]);
        // The oldest first, durably: a crash must not leave it without those behind it.
        await disk.syncDirectory(core.directory);
      }
      return doomed.length;
    });
  }

  /**
   * Cuts the log so that it ends at `offset`, or before if that is inside of a batch; durable when it resolves. An
   * offset behind the end only drops leader epochs that have no records.
   */
  truncateTo(offset: Offset): Promise<Failure | undefined> {
    return this.#truncation.to(offset);
  }

  /** Deletes everything, so that the log starts and ends at `offset`; durable when it resolves. */
  truncateFullyAndStartAt(offset: Offset): Promise<Failure | undefined> {
    return this.#truncation.fullyTo(offset);
  }

  /** The segments that grow no more and are on the disk with all that belongs to them: a compaction may read them. */
  get closedSegments(): readonly Segment[] {
    const { segments, persistence } = this.#core;
    return segments.all.slice(0, -1).filter(segment => segment.endOffset <= persistence.recoveryPoint);
  }

  /** All segments; the last one grows. */
  get segments(): readonly Segment[] {
    return this.#core.segments.all;
  }

  /** Changes with each cut: who reads files for long knows by it that they are others now. */
  get truncationCount(): number {
    return this.#core.truncations;
  }

  /**
   * Writes over bytes of a segment that are not what was written there, with what was; durable when it resolves.
   * @returns whether it did: not when the log was cut meanwhile, or the segment is not part of it any more
   */
  async overwrite(
    segment: Segment,
    { position, bytes, truncationCount }: { position: number; bytes: Uint8Array; truncationCount: number },
  ): Promise<boolean> {
    const core = this.#core;
    const done = await core.exclusively(async () => {
      const isPart = core.segments.all.includes(segment) && core.truncations === truncationCount;
      if (!isPart || core.isTruncating) return false;
      segment.file.write(position, [bytes]);
      await segment.file.sync();
      return true;
    });
    return done === true;
  }

  /**
   * A new segment for a compaction, which is not part of the log: its files are removed when the log is loaded. What
   * it takes is given to {@link Segment.append}, aborted transactions to the indexes of {@link Segment.growing}.
   * @throws {DiskError}
   */
  createCleanedSegment(baseOffset: Offset): Segment {
    const { environment, services } = this.#core;
    return Segment.create(environment, baseOffset, {
      createdMs: services.clock.nowMs(),
      state: FileState.cleaned,
    });
  }

  /** Rises with every truncation: what was made of the log's segments before one is not of the log any more. */
  get truncations(): number {
    return this.#core.truncations;
  }

  /**
   * Puts cleaned segments in the place of the closed ones that they were made from; the first of each begin at the
   * same offset. Readers see the old ones or the new ones, and so does the next process if this one crashes.
   * @param truncations {@link truncations} when the old ones were begun to be read
   * @returns OPERATION_NOT_ATTEMPTED when some of the old ones are deleted or cut by now: the cleaned ones are removed
   *   then
   */
  replaceSegments(
    old: readonly Segment[],
    cleaned: readonly Segment[],
    { truncations }: { readonly truncations: number },
  ): Promise<Failure | undefined> {
    return new SegmentReplacement(this.#core).replace(old, cleaned, truncations);
  }

  /**
   * Makes durable what a crash would otherwise have to be rebuilt from the records, if there is enough of it, and moves
   * the recovery point.
   * @returns the recovery point, to be stored
   */
  async checkpoint(): Promise<Offset | Failure> {
    const { persistence } = this.#core;
    const failure = await this.#core.exclusively(() => persistence.checkpoint({ isFinal: false }));
    return failure ?? persistence.recoveryPoint;
  }

  /** Makes everything durable and closes the log. @returns its recovery point, to be stored, which is its end */
  async close(): Promise<Offset | Failure> {
    const { persistence } = this.#core;
    const failure = await this.#core.exclusively(() => persistence.checkpoint({ isFinal: true }));
    this.#end(this.#gone('closed'));
    return failure ?? persistence.recoveryPoint;
  }

  /** Closes the log without making anything durable: its directory is about to be deleted. */
  async discard(): Promise<void> {
    this.#end(this.#gone('deleted'));
    await this.#core.exclusively(async () => {});
  }

  /** The disk failed under who reads the log's files: so does the log. */
  diskFailed(error: DiskError): void {
    this.#core.fail(error);
  }

  /** The disk failed elsewhere in the log's directory: the log is failed too, and lets its files go. */
  directoryFailed(failure: Failure): void {
    const { deletion, directory, durability, environment } = this.#core;
    deletion.cancel();
    // It may fail as the one elsewhere did, when this process has ended and nobody hears of it.
    if (durability.isSyncing) markFailedSync(environment.disk, directory);
    this.#end(failure);
  }

  #gone(state: 'closed' | 'deleted'): Failure {
    return new Failure(
      Errors.NOT_LEADER_OR_FOLLOWER,
      `The log of ${this.#core.name} is ${state} at this broker`,
    );
  }

  #end(failure: Failure): void {
    const { deletion, segments } = this.#core;
    this.#core.failure ??= failure;
    this.#core.end(this.#core.failure);
    deletion.finish();
    for (const segment of segments.all) segment.close();
  }
}

/** What was found is made durable, since the process that wrote it may not have come to that. */
function makeDurable({ persistence, segments, durability }: LogCore): void {
  persistence.renamed();
  for (const { file } of segments.all) if (file.isUnsynced) persistence.written(file);
  durability.request();
}

/** The log was written once more: it is as good as any when that is on the disk. */
async function trustOnceSynced({ environment, directory, durability }: LogCore): Promise<void> {
  if ((await durability.awaitSynced()) === undefined) clearFailedSync(environment.disk, directory);
}

function withMore(read: BatchChunks, { upTo, minOneBatch }: ReadBounds): LogRead {
  // A first batch that is not given although it may be of any size is not below the bound, or not there.
  const isEnd = read.sizeBytes === 0 && minOneBatch;
  return { ...read, hasMore: !isEnd && read.nextOffset < upTo };
}
