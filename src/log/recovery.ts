import { assert } from '../model/assert.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import { BATCH_OVERHEAD_BYTES } from '../records/record_batch.ts';
import { applyToProducers } from './batch_effects.ts';
import { baseOffsetAt, isPlausibleHeaderAt, lastOffsetAt } from './batch_headers.ts';
import { type ScannedBatch, type ScanResult, scanBatches } from './batch_scan.ts';
import { writeFile } from './checkpoint_file.ts';
import { FileState } from './file_names.ts';
import type { LeaderEpochs } from './leader_epochs.ts';
import { MAX_RELATIVE_OFFSET } from './offset_index.ts';
import { loadProducers, snapshotPath } from './producer_loader.ts';
import { encodeProducerSnapshot } from './producer_snapshot.ts';
import { ProducerState } from './producer_state.ts';
import type { Segment, SegmentEnvironment } from './segment.ts';
import { SegmentIndexes } from './segment_indexes.ts';

/** A recovery says how far it is when it takes longer, and so often. */
const PROGRESS_INTERVAL_MS = 1_000;
/** So much is written once more at a time. */
const REWRITE_BYTES = 1_048_576;

/** What a recovery did to a log. */
export interface RecoveryReport {
  /** Bytes whose checksums were verified. */
  checkedBytes: number;
  /** Bytes cut off behind the last good batch. */
  truncatedBytes: number;
  /** Segments behind it that were deleted, and their bytes. */
  deletedSegments: Offset[];
  deletedBytes: number;
  /** Why something was truncated; undefined when nothing was. */
  reason: string | undefined;
  durationMs: number;
}

/** The report of a log that had nothing to be checked. */
export function nothingChecked(): RecoveryReport {
  return {
    checkedBytes: 0,
    truncatedBytes: 0,
    deletedSegments: [],
    deletedBytes: 0,
    reason: undefined,
    durationMs: 0,
  };
}

export interface RecoveryOptions {
  readonly clock: Clock;
  /** Where to begin. */
  readonly recoveryPoint: Offset;
  /** All below it is on the disk for good: nothing there is cut off, be it that the check finds fault with it. */
  readonly trustedOffset: Offset;
  /** The log's segments, in order; those that are deleted are taken out. */
  readonly segments: Segment[];
  /** Offsets of the producers' snapshots that are there, rising. */
  readonly snapshots: Offset[];
  readonly epochs: LeaderEpochs;
  readonly producerIdExpirationMs: number;
  /** Writes what was checked once more, so that the next sync has something to do. */
  readonly isSuspect: boolean;
}

/** Where the check of a segment begins. */
interface Start {
  readonly position: number;
  /** Base offset of the batch there. */
  readonly offset: Offset;
  readonly indexes: SegmentIndexes;
}

/**
 * Checks a log from its recovery point on, after a shutdown that was not clean: every batch's length, format, checksum
 * and offsets. At the first bad byte the log ends: what is behind it was never durable, and goes. The indexes, the
 * leader epochs and the producers' state of what was checked are made anew.
 *
 * It can be interrupted at any point and done again: later segments go before earlier ones, and all of them before
 * the cut, so that a hole is never left in the log.
 */
export class Recovery {
  readonly #environment: SegmentEnvironment;
  readonly #options: RecoveryOptions;
  #producers: ProducerState;
  readonly report = nothingChecked();
  #totalBytes = 0;
  #startedMs: number;
  #toldMs: number;

  constructor(environment: SegmentEnvironment, options: RecoveryOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#producers = new ProducerState(asOffset(0n));
    this.#startedMs = options.clock.monotonicMs();
    this.#toldMs = this.#startedMs;
  }

  /**
   * Checks the log and repairs it.
   * @returns the producers' state as of its end
   * @throws {DiskError}
   */
  async run(): Promise<ProducerState> {
    const { segments, recoveryPoint, clock } = this.#options;
    const first = Math.max(
      0,
      segments.findLastIndex(segment => segment.baseOffset <= recoveryPoint),
    );
    const start = segments[first] === undefined ? undefined : await this.#start(segments[first]);
    if (start !== undefined) {
      await this.#prepare(first, start);
      await this.#check(first, start);
    }
    this.report.durationMs = clock.monotonicMs() - this.#startedMs;
    this.#tell();
    return this.#producers;
  }

  async #prepare(first: number, start: Start): Promise<void> {
    const { segments, epochs } = this.#options;
    this.#totalBytes = -start.position;
    for (const segment of segments.slice(first)) this.#totalBytes += segment.sizeBytes;
    epochs.truncateFromEnd(start.offset);
    this.#producers = await loadProducers(this.#environment, {
      ...this.#options,
      segments: segments.slice(0, first + 1),
      endOffset: start.offset,
      endPosition: start.position,
    });
  }

  /**
   * Where to begin in the segment of the recovery point: at the last indexed batch before it, if the index is good,
   * which keeps the check of a large segment short; else at the segment's start.
   */
  async #start(segment: Segment): Promise<Start> {
    const { recoveryPoint } = this.#options;
    const indexes = recoveryPoint > segment.baseOffset ? await segment.readIndexes() : undefined;
    if (indexes !== undefined && indexes.offsets.count > 0) {
      const { offsets } = indexes;
      offsets.truncateTo(recoveryPoint);
      const position = offsets.lastPosition;
      const header = segment.file.readNow(position, BATCH_OVERHEAD_BYTES);
      if (
        position > 0 &&
        header.length === BATCH_OVERHEAD_BYTES &&
        isPlausibleHeaderAt(header, 0) &&
        baseOffsetAt(header, 0) > segment.baseOffset &&
        lastOffsetAt(header, 0) <= offsets.lastOffset
      ) {
        const offset = baseOffsetAt(header, 0);
        return { position, offset, indexes: prefixOf(indexes, offset) };
      }
    }
    return { position: 0, offset: segment.baseOffset, indexes: SegmentIndexes.empty(segment.baseOffset) };
  }

  async #check(first: number, start: Start): Promise<void> {
    const { segments, trustedOffset } = this.#options;
    for (let index = first; index < segments.length; index++) {
      const segment = segments[index]!;
      const next = segments[index + 1];
      const from = index === first ? start : undefined;
      const indexes = from?.indexes ?? SegmentIndexes.empty(segment.baseOffset);
      const isTrusted = next !== undefined && next.baseOffset <= trustedOffset;
      const { problem, endPosition, nextOffset } = await this.#scan(segment, from?.position ?? 0, {
        indexes,
        verify: !isTrusted,
      });
      segment.recovered(indexes, isTrusted ? next.baseOffset : nextOffset);
      if (this.#options.isSuspect) await rewrite(segment, from?.position ?? 0, endPosition);
      if (problem !== undefined && !isTrusted) return this.#cut(index, endPosition, problem);
      if (problem !== undefined) this.#tellCorrupt(segment, endPosition, problem);
      if (next === undefined) return;
      if (!isTrusted && this.#isHole(nextOffset, next.baseOffset)) {
        const reason = `segment ${next.baseOffset} does not follow on offset ${nextOffset}`;
        return this.#cut(index, segment.sizeBytes, reason);
      }
      await this.#close(segment, next.baseOffset);
    }
  }

  #tellCorrupt(segment: Segment, endPosition: number, problem: string): void {
    const { path } = segment.file;
    const { logger } = this.#environment;
    logger.error('a log is corrupt where it was on the disk', { path, endPosition, problem });
  }

  /**
   * Whether a crash made a hole between two segments: the end of the first was lost, but not the second. A new segment
   * begins where the log ends, and the snapshot of the producers there is stored when all before is on the disk. So a
   * gap with a snapshot is one that a compaction made since, or the log of a leader that was compacted. What follows
   * a hole was not acknowledged, because what is missing was not either.
   */
  #isHole(previousEnd: Offset, baseOffset: Offset): boolean {
    const gap = baseOffset - previousEnd;
    // Offsets that jump by more than a segment can hold begin a new one.
    if (gap === 0n || gap > BigInt(MAX_RELATIVE_OFFSET)) return false;
    return !this.#options.snapshots.includes(baseOffset);
  }

  /** Stores what belongs to a segment that has another one behind it, which begins at `nextOffset`. */
  async #close(segment: Segment, nextOffset: Offset): Promise<void> {
    const { disk } = this.#environment;
    const { snapshots } = this.#options;
    segment.complete();
    await segment.persistIndexes();
    segment.releaseIndexes();
    await segment.file.sync();
    if (snapshots.includes(nextOffset)) return;
    const content = encodeProducerSnapshot(this.#producers.producers);
    await writeFile(disk, snapshotPath(this.#environment, nextOffset), content);
    snapshots.push(nextOffset);
    snapshots.sort((left, right) => (left < right ? -1 : 1));
  }

  async #scan(
    segment: Segment,
    from: number,
    { indexes, verify }: { indexes: SegmentIndexes; verify: boolean },
  ): Promise<ScanResult> {
    const { epochs } = this.#options;
    const interval = this.#environment.indexIntervalBytes();
    const visit = ({ batch, position, sizeBytes }: ScannedBatch): void => {
      const { lastOffset, maxTimestamp, partitionLeaderEpoch, baseOffset } = batch;
      indexes.add({ lastOffset, maxTimestamp, position, sizeBytes }, interval);
      if (partitionLeaderEpoch > (epochs.latest?.leaderEpoch ?? -1)) {
        epochs.assign(partitionLeaderEpoch, baseOffset);
      }
      applyToProducers(batch, this.#producers, transaction => indexes.addTransaction(transaction));
    };
    const range = {
      from,
      to: segment.sizeBytes,
      minOffset: segment.baseOffset,
      endOffset: segment.endOffset,
    };
    const progress = (bytes: number): void => this.#progressed(bytes, segment);
    return scanBatches(segment.file, range, { verify, progress }, visit);
  }

  #progressed(bytes: number, segment: Segment): void {
    this.report.checkedBytes += bytes;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#toldMs < PROGRESS_INTERVAL_MS) return;
    this.#toldMs = nowMs;
    this.#environment.logger.info('checking a log that was not closed', {
      path: segment.file.path,
      checkedBytes: this.report.checkedBytes,
      totalBytes: this.#totalBytes,
      percent: Math.floor((100 * this.report.checkedBytes) / Math.max(1, this.#totalBytes)),
    });
  }

  /** Ends the log at `position` of the segment at `index`. */
  async #cut(index: number, position: number, reason: string): Promise<void> {
    const segment = this.#options.segments[index]!;
    this.report.reason = reason;
    await this.#deleteFrom(index + 1);
    this.report.truncatedBytes = segment.sizeBytes - position;
    if (this.report.truncatedBytes > 0) {
      segment.cut(position);
      await segment.file.sync();
    }
  }

  /** Deletes the segments from `index` on, the last one first. */
  async #deleteFrom(index: number): Promise<void> {
    const { disk, directory } = this.#environment;
    const { segments } = this.#options;
    while (segments.length > index) {
      const segment = segments.pop()!;
      this.report.deletedSegments.unshift(segment.baseOffset);
      this.report.deletedBytes += segment.sizeBytes;
      segment.rename(FileState.deleted);
      await disk.syncDirectory(directory);
      segment.remove();
    }
  }

  /** Deletes everything: the log was to start at `logStartOffset`, behind its end. @throws {DiskError} */
  async startOver(logStartOffset: Offset): Promise<ProducerState> {
    const endOffset = this.#options.segments.at(-1)?.endOffset;
    this.report.reason ??= `the log ends at offset ${endOffset}, before its start offset ${logStartOffset}`;
    await this.#deleteFrom(0);
    this.#options.epochs.clear();
    this.#tell();
    return new ProducerState(logStartOffset);
  }

  #tell(): void {
    const { logger, directory } = this.#environment;
    const { reason, ...facts } = this.report;
    if (reason !== undefined) logger.warn('truncated a log', { directory, reason, ...facts });
    else if (facts.checkedBytes > 0)
      logger.info('checked a log that was not closed', { directory, ...facts });
  }
}

/** Writes the same bytes to the same place. @throws {DiskError} */
async function rewrite({ file }: Segment, from: number, to: number): Promise<void> {
  for (let position = from; position < to; ) {
    const bytes = await file.read(position, Math.min(REWRITE_BYTES, to - position));
    assert(bytes.length > 0, `${file.path} has become shorter while it is checked`);
    file.write(position, [bytes]);
    position += bytes.length;
  }
}

/** The part of the indexes that tells of batches up to the one at the last entry, which begins at `offset`. */
function prefixOf({ offsets, times, transactions }: SegmentIndexes, offset: Offset): SegmentIndexes {
  times.truncateTo(asOffset(offsets.lastOffset + 1n));
  transactions.truncateTo(offset);
  // The files hold more than that: they count as not written.
  return new SegmentIndexes(offsets, times, transactions);
}
