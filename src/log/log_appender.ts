import { assert } from '../model/assert.ts';
import { type Failure, failed } from '../model/failure.ts';
import { type LeaderEpoch, type Offset, offsetAfter } from '../model/ids.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { acceptFollowerBatches, checkLeaderBatches, splitForSegments } from './append_checks.ts';
import { applyToProducers } from './batch_effects.ts';
import type { LogConfig } from './log_config.ts';
import type { LogCore } from './log_core.ts';
import type { Appended, LeaderAppendOptions } from './log_types.ts';
import { MAX_RELATIVE_OFFSET } from './offset_index.ts';
import type { Segment } from './segment.ts';
import { NO_TIMESTAMP } from './time_index.ts';

/** The largest position that an index can hold. */
const MAX_SEGMENT_BYTES = 0x7fffffff;

/** Appends to a log: see {@link PartitionLog}. */
export class LogAppender {
  readonly #core: LogCore;

  constructor(core: LogCore) {
    this.#core = core;
  }

  asLeader(records: Buffer, { leaderEpoch, origin }: LeaderAppendOptions): Appended | Failure {
    const core = this.#core;
    this.#assertNotTruncating();
    if (core.failure !== undefined) return core.failure;
    const { config, producers, logStartOffset } = core;
    const nowMs = core.services.clock.nowMs();
    const checked = checkLeaderBatches(records, { origin, config, nowMs, producers });
    if (failed(checked)) return checked;
    if (checked.duplicate !== undefined) {
      const { lastOffset, offsetDelta, timestamp } = checked.duplicate;
      const firstOffset = offsetAfter(lastOffset, -offsetDelta);
      return { firstOffset, lastOffset, timestamp, logStartOffset, isDuplicate: true };
    }
    const isAppendTime = config.messageTimestampType === 'LogAppendTime';
    let offset = core.endOffset;
    for (const batch of checked.batches) {
      batch.baseOffset = offset;
      batch.partitionLeaderEpoch = leaderEpoch;
      if (isAppendTime) batch.setMaxTimestamp(BigInt(nowMs), true);
      offset = batch.nextOffset;
    }
    return this.#append(checked.chunk, checked.batches, isAppendTime ? BigInt(nowMs) : NO_TIMESTAMP);
  }

  asFollower(records: Buffer, leaderEpoch: LeaderEpoch): Appended | Failure | undefined {
    const core = this.#core;
    this.#assertNotTruncating();
    if (core.failure !== undefined) return core.failure;
    const accepted = acceptFollowerBatches(records, core.endOffset, leaderEpoch);
    if (failed(accepted)) return accepted;
    let appended: Appended | undefined;
    for (const { chunk, batches } of splitForSegments(accepted, core.config.segmentBytes)) {
      const part = this.#append(chunk, batches, NO_TIMESTAMP);
      if (failed(part)) return part;
      appended = { ...part, firstOffset: appended?.firstOffset ?? part.firstOffset };
    }
    return appended;
  }

  #assertNotTruncating(): void {
    assert(!this.#core.isTruncating, `${this.#core.directory} is appended to while it is truncated`);
  }

  #append(chunk: Buffer, batches: readonly RecordBatch[], timestamp: bigint): Appended | Failure {
    const core = this.#core;
    const firstOffset = batches[0]!.baseOffset;
    const { lastOffset } = batches.at(-1)!;
    try {
      this.#write(this.#segmentFor(chunk.length, batches), chunk, batches);
    } catch (error) {
      return core.fail(error);
    }
    core.endOffset = offsetAfter(lastOffset, 1);
    core.tail.append(chunk, firstOffset, core.endOffset);
    core.durability.appended();
    const { logStartOffset } = core;
    return { firstOffset, lastOffset, timestamp, logStartOffset, isDuplicate: false };
  }

  #write(segment: Segment, chunk: Buffer, batches: readonly RecordBatch[]): void {
    const { persistence, epochs, producers } = this.#core;
    let position = 0;
    const indexed = batches.map(({ lastOffset, maxTimestamp, sizeBytes }) => {
      position += sizeBytes;
      return { lastOffset, maxTimestamp, sizeBytes, position: position - sizeBytes };
    });
    segment.append(chunk, indexed);
    persistence.written(segment.file);
    for (const batch of batches) {
      epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset);
      applyToProducers(batch, producers, transaction => segment.growing.addTransaction(transaction));
    }
  }

  /** The segment that takes these batches: the active one, or a new one if that is full or old. */
  #segmentFor(sizeBytes: number, batches: readonly RecordBatch[]): Segment {
    const { segments, persistence, endOffset } = this.#core;
    const { active } = segments;
    const { lastOffset } = batches.at(-1)!;
    const canHold = active.growing.canHold(lastOffset) && active.sizeBytes + sizeBytes <= MAX_SEGMENT_BYTES;
    // Two segments whose names may be lost in a crash could leave a hole in the log: the active one grows a little more.
    if (canHold && (active.sizeBytes === 0 || persistence.isNewestUnnamed)) return active;
    if (canHold && !this.#isFull(active, sizeBytes, batches)) return active;
    return this.#core.roll(this.#baseOffsetFor(batches[0]!.baseOffset, lastOffset, endOffset));
  }

  /** A new segment begins at the log's end, also where the leader's log has a gap there, unless that is too wide. */
  #baseOffsetFor(firstOffset: Offset, lastOffset: Offset, endOffset: Offset): Offset {
    return lastOffset - endOffset > BigInt(MAX_RELATIVE_OFFSET) ? firstOffset : endOffset;
  }

  #isFull(active: Segment, sizeBytes: number, batches: readonly RecordBatch[]): boolean {
    const { config, rollJitterMs, services } = this.#core;
    if (active.sizeBytes > config.segmentBytes - sizeBytes) return true;
    if (active.growing.isFull(config.segmentIndexBytes, batches.length)) return true;
    let latest = NO_TIMESTAMP;
    for (const { maxTimestamp } of batches) if (maxTimestamp > latest) latest = maxTimestamp;
    const first = active.firstTimestamp ?? NO_TIMESTAMP;
    const spanMs = first >= 0n ? Number(latest - first) : services.clock.nowMs() - active.createdMs;
    return spanMs > maxSegmentMs(config) - rollJitterMs;
  }
}

/** The active segment is not compacted: it must not grow for longer than records may stay so. */
function maxSegmentMs({ segmentMs, cleanupPolicy, maxCompactionLagMs }: LogConfig): number {
  return cleanupPolicy.compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs;
}
