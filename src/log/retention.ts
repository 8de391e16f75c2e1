import type { Offset } from '../model/ids.ts';
import type { LogConfig } from './log_config.ts';
import type { Segment } from './segment.ts';

/** What decides which segments of a log go. */
export interface RetentionState {
  readonly segments: readonly Segment[];
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
  readonly nowMs: number;
  /** When the segment's file was last written, for those whose records have no timestamp. */
  readonly modifiedMs: (segment: Segment) => number;
}

/**
 * The oldest segments that are to be deleted, in order, as Kafka decides it: those before the log's start; and where
 * the topic's policy is deletion, those above `retention.bytes` and those whose latest record is older than
 * `retention.ms`. Nothing at or above the high watermark goes, and no empty active segment.
 */
export async function segmentsToDelete(state: RetentionState, config: LogConfig): Promise<Segment[]> {
  const reasons = config.cleanupPolicy.delete ? [beforeStart, aboveSize, beforeTime] : [beforeStart];
  let left = state.segments;
  for (const reason of reasons) {
    const test = reason({ ...state, segments: left }, config);
    let count = 0;
    for (const segment of left) {
      const next = left[count + 1];
      const isEmptyActive = next === undefined && segment.sizeBytes === 0;
      if (isEmptyActive || state.highWatermark < segment.endOffset || !(await test(segment, next))) break;
      count++;
    }
    left = left.slice(count);
  }
  return state.segments.slice(0, state.segments.length - left.length);
}

type Test = (segment: Segment, next: Segment | undefined) => boolean | Promise<boolean>;

function beforeStart({ logStartOffset }: RetentionState): Test {
  return (_, next) => next !== undefined && next.baseOffset <= logStartOffset;
}

function aboveSize({ segments }: RetentionState, { retentionBytes }: LogConfig): Test {
  let above = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0) - retentionBytes;
  return segment => {
    if (retentionBytes < 0 || above < segment.sizeBytes) return false;
    above -= segment.sizeBytes;
    return true;
  };
}

function beforeTime({ nowMs, modifiedMs }: RetentionState, { retentionMs }: LogConfig): Test {
  return async segment => {
    if (retentionMs < 0) return false;
    const { timestamp } = await segment.largestTimestamp();
    const latest = timestamp >= 0n ? timestamp : BigInt(Math.floor(modifiedMs(segment)));
    return BigInt(nowMs) - latest > BigInt(Math.min(retentionMs, Number.MAX_SAFE_INTEGER));
  };
}
