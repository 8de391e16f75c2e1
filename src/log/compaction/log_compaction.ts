import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { Offset, ProducerId } from '../../model/ids.ts';
import { MAX_RECORD_BYTES } from '../../model/limits.ts';
import type { Clock } from '../../model/ports.ts';
import { eachRecord } from '../../records/read_records.ts';
import type { RecordBatch } from '../../records/record_batch.ts';
import { isGone } from '../log_reader.ts';
import { MAX_RELATIVE_OFFSET } from '../offset_index.ts';
import type { PartitionLog } from '../partition_log.ts';
import type { Segment } from '../segment.ts';
import type { AbortedTransaction } from '../transaction_index.ts';
import { BatchCleaning } from './batch_cleaning.ts';
import type { Cleanable } from './cleanable.ts';
import { CleanedTransactions } from './cleaned_transactions.ts';
import { KeyOffsets } from './key_offsets.ts';
import { segmentBatches } from './segment_batches.ts';
import { SegmentWriter } from './segment_writer.ts';

export interface LogCompactionOptions {
  readonly clock: Clock;
  /** `log.cleaner.dedupe.buffer.size`. */
  readonly mapBytes: number;
  /** `log.cleaner.io.buffer.size`. */
  readonly bufferBytes: number;
  /** Of the hash of keys. */
  readonly secret: Uint8Array;
  /** Called between two steps of the work, with the bytes that were read and written since: others want their turn. */
  readonly turn: (bytes: number) => Promise<void>;
  /** Whether the work is to end early: what is done by then stays. */
  readonly isStopping: () => boolean;
}

/** What a compaction did. */
export interface CompactionReport {
  /** Up to here the log is compacted now. */
  readonly cleanedUpTo: Offset;
  readonly removedRecords: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** The latest offsets of the keys in the part that is compacted now. */
interface LatestOffsets {
  readonly keys: KeyOffsets;
  /** Everything below was looked at. */
  readonly end: Offset;
}

/**
 * One compaction of one log: of each key only the last record stays, and in time no tombstone. First the dirty part is
 * read for the last offset of each key, as far as there is memory for the keys; then everything up to there is written
 * anew, some segments at a time, without the records that have a later one.
 */
export class LogCompaction {
  readonly #log: PartitionLog;
  readonly #options: LogCompactionOptions;
  /** Of the log at the start: what is truncated since must not be replaced. */
  readonly #truncations: number;
  /** The log's, those that grow no more. */
  readonly #segments: readonly Segment[];
  #removedRecords = 0;
  #bytesBefore = 0;
  #bytesAfter = 0;

  constructor(log: PartitionLog, options: LogCompactionOptions) {
    this.#log = log;
    this.#options = options;
    this.#truncations = log.truncations;
    this.#segments = log.closedSegments;
  }

  /**
   * @returns OPERATION_NOT_ATTEMPTED when the log was cut, deleted or closed meanwhile; CORRUPT_MESSAGE,
   *   INVALID_RECORD, MESSAGE_TOO_LARGE when it can't be read; KAFKA_STORAGE_ERROR
   * @throws {DiskError}
   */
  async run(cleanable: Cleanable): Promise<CompactionReport | Failure> {
    try {
      return await this.#run(cleanable);
    } catch (error) {
      // Segments were deleted while they were read.
      const interruption = isGone(error) ? (this.#interruption() ?? this.#deletion()) : undefined;
      if (interruption === undefined) throw error;
      return interruption;
    }
  }

  async #run({ firstDirty, end }: Cleanable): Promise<CompactionReport | Failure> {
    const aborted = await this.#log.abortedTransactions(this.#log.logStartOffset, end);
    if (failed(aborted)) return aborted;
    const latest = await this.#readLatest({ firstDirty, end, aborted });
    if (failed(latest)) return latest;
    if (latest.end <= firstDirty) {
      return new Failure(
        Errors.UNKNOWN_SERVER_ERROR,
        `Cannot compact ${this.#log.directory}: the keys of one batch need more than the ${this.#options.mapBytes} bytes of log.cleaner.dedupe.buffer.size`,
      );
    }
    const failure = await this.#clean(latest, aborted);
    if (failure !== undefined) return failure;
    return {
      cleanedUpTo: latest.end,
      removedRecords: this.#removedRecords,
      bytesBefore: this.#bytesBefore,
      bytesAfter: this.#bytesAfter,
    };
  }

  #interruption(): Failure | undefined {
    if (this.#log.failure !== undefined) return this.#log.failure;
    const isCut = this.#log.truncations !== this.#truncations;
    if (!isCut && !this.#options.isStopping()) return undefined;
    return new Failure(
      Errors.OPERATION_NOT_ATTEMPTED,
      `The compaction of ${this.#log.directory} was broken off: ${isCut ? 'the log was truncated' : 'the broker stops'}`,
    );
  }

  /** Retention may take segments away that are compacted. */
  #deletion(): Failure | undefined {
    if (!this.#segments.some(({ isDeleted }) => isDeleted)) return undefined;
    return new Failure(
      Errors.OPERATION_NOT_ATTEMPTED,
      `The compaction of ${this.#log.directory} was broken off: segments were deleted`,
    );
  }

  async #readLatest({ firstDirty, end, aborted }: DirtyPart): Promise<LatestOffsets | Failure> {
    const { mapBytes, bufferBytes, secret, turn } = this.#options;
    const keys = new KeyOffsets({ base: firstDirty, maxBytes: mapBytes, secret });
    const transactions = new CleanedTransactions(aborted);
    let seen = firstDirty;
    for (const segment of this.#segments) {
      if (segment.endOffset <= firstDirty || segment.baseOffset >= end) continue;
      for await (const batches of segmentBatches(segment, bufferBytes)) {
        const interruption = this.#interruption();
        if (interruption !== undefined) return interruption;
        if (failed(batches)) return batches;
        for (const batch of batches) {
          const noted = this.#noteKeys(batch, { keys, transactions, firstDirty });
          if (failed(noted)) return noted;
          if (!noted) return { keys, end: seen };
          if (batch.nextOffset > seen) seen = batch.nextOffset;
        }
        await turn(sizeOf(batches));
      }
    }
    // Where batches are missing at the end of the last segment there is nothing to look at.
    return { keys, end };
  }

  /** @returns false when there is no room for all keys of the batch */
  #noteKeys(
    batch: RecordBatch,
    {
      keys,
      transactions,
      firstDirty,
    }: { keys: KeyOffsets; transactions: CleanedTransactions; firstDirty: Offset },
  ): boolean | Failure {
    if (batch.isControl) {
      transactions.isMarkerOfNothing(batch);
      return true;
    }
    if (transactions.isAborted(batch) || batch.nextOffset <= firstDirty) return true;
    let hasRoom = true;
    const failure = eachRecord(batch, MAX_RECORD_BYTES, ({ key, offset }) => {
      if (key === null || offset < firstDirty) return true;
      hasRoom = !keys.isFull;
      if (hasRoom) keys.set(key, offset);
      return hasRoom;
    });
    return failure ?? hasRoom;
  }

  async #clean(latest: LatestOffsets, aborted: readonly AbortedTransaction[]): Promise<Failure | undefined> {
    const segments = this.#segments.filter(({ baseOffset }) => baseOffset < latest.end);
    const writer = { current: undefined as SegmentWriter | undefined };
    const transactions = new CleanedTransactions(aborted, transaction =>
      writer.current!.keepAborted(transaction),
    );
    const lastBatches = this.#lastBatchesOfProducers();
    const cleaning = new BatchCleaning({
      isLatest: ({ key, offset }) => {
        if (offset >= latest.end) return true;
        const last = latest.keys.get(key!);
        return last === undefined || offset >= last;
      },
      transactions,
      remembersProducer: batch => {
        const last = lastBatches.get(batch.producerId);
        if (last === undefined) return false;
        if (last.lastOffset !== undefined) return batch.lastOffset === last.lastOffset;
        return batch.isControl && batch.producerEpoch === last.epoch;
      },
      nowMs: this.#options.clock.nowMs(),
      deleteRetentionMs: this.#log.config.deleteRetentionMs,
    });
    for (const group of groupsOf(segments, this.#log.config.segmentBytes)) {
      const failure = await this.#cleanGroup(group, cleaning, writer);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  #lastBatchesOfProducers(): ReadonlyMap<ProducerId, { lastOffset: Offset | undefined; epoch: number }> {
    const last = new Map<ProducerId, { lastOffset: Offset | undefined; epoch: number }>();
    for (const { producerId, batches, epoch } of this.#log.producers) {
      last.set(producerId, { lastOffset: batches.at(-1)?.lastOffset, epoch });
    }
    return last;
  }

  /** Writes one segment in the place of some. */
  async #cleanGroup(
    group: readonly Segment[],
    cleaning: BatchCleaning,
    writer: { current: SegmentWriter | undefined },
  ): Promise<Failure | undefined> {
    const made = new SegmentWriter(
      this.#log.createCleanedSegment(group[0]!.baseOffset),
      this.#options.bufferBytes,
    );
    writer.current = made;
    let isReplacing = false;
    try {
      const changed = await this.#writeCleaned(group, cleaning, made);
      if (failed(changed)) return changed;
      this.#bytesBefore += sizeOf(group);
      this.#bytesAfter += changed ? made.segment.sizeBytes : sizeOf(group);
      if (!changed) return undefined;
      isReplacing = true;
      return await this.#log.replaceSegments(group, [made.segment], { truncations: this.#truncations });
    } finally {
      if (!isReplacing) made.segment.remove();
    }
  }

  /** @returns whether what was written differs from the group */
  async #writeCleaned(
    group: readonly Segment[],
    cleaning: BatchCleaning,
    made: SegmentWriter,
  ): Promise<boolean | Failure> {
    const { bufferBytes, turn } = this.#options;
    let changed = group.length > 1;
    /** Not written yet: it may be the last one. */
    let pending: RecordBatch | undefined;
    const take = (batch: RecordBatch, isLast: boolean): Failure | undefined => {
      const cleaned = cleaning.clean(batch, { isLast });
      if (failed(cleaned)) return cleaned;
      this.#removedRecords += cleaned.removedRecords;
      if (cleaned.batch !== batch) changed = true;
      if (cleaned.batch !== undefined) made.add(cleaned.batch);
      return undefined;
    };
    for (const segment of group) {
      for await (const batches of segmentBatches(segment, bufferBytes)) {
        const interruption = this.#interruption();
        if (interruption !== undefined) return interruption;
        if (failed(batches)) return batches;
        for (const batch of batches) {
          const problem = pending === undefined ? undefined : take(pending, false);
          if (problem !== undefined) return problem;
          pending = batch;
        }
        await turn(2 * sizeOf(batches));
      }
    }
    // The last one stays, if only as a header: the segment ends where those end that it stands for.
    const problem = pending === undefined ? undefined : take(pending, true);
    if (problem !== undefined) return problem;
    made.flush();
    return changed;
  }
}

interface DirtyPart {
  readonly firstDirty: Offset;
  readonly end: Offset;
  readonly aborted: readonly AbortedTransaction[];
}

/** Segments that follow each other and that one segment can stand for, even if nothing of them goes. */
function* groupsOf(segments: readonly Segment[], maxBytes: number): Iterable<readonly Segment[]> {
  let group: Segment[] = [];
  let sizeBytes = 0;
  for (const segment of segments) {
    const isFull =
      sizeBytes + segment.sizeBytes > maxBytes ||
      (group.length > 0 && segment.endOffset - group[0]!.baseOffset > BigInt(MAX_RELATIVE_OFFSET));
    if (group.length > 0 && isFull) {
      yield group;
      group = [];
      sizeBytes = 0;
    }
    group.push(segment);
    sizeBytes += segment.sizeBytes;
  }
  if (group.length > 0) yield group;
}

function sizeOf(parts: readonly { readonly sizeBytes: number }[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
