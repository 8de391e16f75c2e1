import { minOffset, type Offset } from '../../model/ids.ts';
import type { PartitionLog } from '../partition_log.ts';
import type { Segment } from '../segment.ts';

/** What of a log could be compacted. */
export interface Cleanable {
  /** Up to here it was compacted before. */
  readonly firstDirty: Offset;
  /** From here on it must not be compacted yet. */
  readonly end: Offset;
  /** How much of what is below {@link end} was never compacted, 0 to 1. */
  readonly dirtyRatio: number;
  /** Whether a record is so old that `max.compaction.lag.ms` has it compacted now. */
  readonly isOverdue: boolean;
}

/**
 * Looks what of a log could be compacted, as Kafka does: closed segments below the last stable offset, older than
 * `min.compaction.lag.ms`, that were not compacted before.
 * @param cleanedUpTo as it is stored; undefined for a log that never was compacted
 * @returns undefined when there is nothing
 * @throws {DiskError}
 */
export async function cleanableOf(
  log: PartitionLog,
  cleanedUpTo: Offset | undefined,
  nowMs: number,
): Promise<Cleanable | undefined> {
  const closed = log.closedSegments;
  const last = closed.at(-1);
  if (last === undefined) return undefined;
  const firstDirty = firstDirtyOf(log, cleanedUpTo, last.endOffset);
  const dirty = closed.filter(segment => segment.endOffset > firstDirty);
  const end = minOffset(await endOf(log, dirty, nowMs), log.lastStableOffset);
  const ripe = dirty.filter(segment => segment.endOffset <= end);
  if (ripe.length === 0) return undefined;
  const cleanBytes = sizeOf(closed.filter(segment => segment.endOffset <= firstDirty));
  const dirtyBytes = sizeOf(ripe);
  if (dirtyBytes === 0) return undefined;
  return {
    firstDirty,
    end: ripe.at(-1)!.endOffset,
    dirtyRatio: dirtyBytes / (cleanBytes + dirtyBytes),
    isOverdue: isOverdue(log, ripe, nowMs),
  };
}

/** What is stored may be of before the log's start rose, or of another life of the log. */
function firstDirtyOf(log: PartitionLog, cleanedUpTo: Offset | undefined, end: Offset): Offset {
  const { logStartOffset } = log;
  if (cleanedUpTo === undefined || cleanedUpTo < logStartOffset || cleanedUpTo > end) return logStartOffset;
  return cleanedUpTo;
}

/** Where the first segment begins that has a record which is too young. */
async function endOf(log: PartitionLog, dirty: readonly Segment[], nowMs: number): Promise<Offset> {
  const { minCompactionLagMs } = log.config;
  if (minCompactionLagMs > 0) {
    const limit = BigInt(nowMs) - BigInt(Math.min(minCompactionLagMs, Number.MAX_SAFE_INTEGER));
    for (const segment of dirty) {
      if ((await segment.largestTimestamp()).timestamp > limit) return segment.baseOffset;
    }
  }
  return dirty.at(-1)?.endOffset ?? log.logStartOffset;
}

function isOverdue(log: PartitionLog, ripe: readonly Segment[], nowMs: number): boolean {
  const { maxCompactionLagMs } = log.config;
  const limit = BigInt(nowMs) - BigInt(Math.min(maxCompactionLagMs, Number.MAX_SAFE_INTEGER));
  return ripe.some(({ firstTimestamp = -1n }) => firstTimestamp >= 0n && firstTimestamp < limit);
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
}
