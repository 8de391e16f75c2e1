import type { LeaderEpoch, Offset } from '../model/ids.ts';

/**
 * A position in the log: the epoch of the last record before it, and the offset behind that record. Names snapshots
 * too. The two together name one history: equal positions have equal records before them.
 */
export interface OffsetAndEpoch {
  readonly offset: Offset;
  readonly epoch: LeaderEpoch;
}

/** Negative, 0 or positive as `left` is before, at or behind `right`: by epoch, then by offset. */
export function compareOffsetAndEpoch(left: OffsetAndEpoch, right: OffsetAndEpoch): number {
  if (left.epoch !== right.epoch) return left.epoch - right.epoch;
  return left.offset < right.offset ? -1 : left.offset > right.offset ? 1 : 0;
}
