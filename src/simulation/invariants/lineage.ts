import type { EpochEntry } from '../../log/leader_epochs.ts';

/**
 * Which leader epochs wrote the offsets of `from` up to `end` (exclusive), as far as a log's epochs tell: pieces with
 * the offset where each begins. Two logs with the same lineage have the same records there (log matching).
 */
export function lineage(entries: readonly EpochEntry[], from: bigint, end: bigint): EpochEntry[] {
  const pieces: EpochEntry[] = [];
  for (let at = 0; at < entries.length; at++) {
    const { leaderEpoch, startOffset } = entries[at]!;
    const nextStart: bigint = entries[at + 1]?.startOffset ?? end;
    const pieceStart = startOffset > from ? startOffset : from;
    const pieceEnd = nextStart < end ? nextStart : end;
    if (pieceStart < pieceEnd) pieces.push({ leaderEpoch, startOffset: pieceStart as typeof startOffset });
  }
  return pieces;
}

/** The first offset at which the two differ; undefined when they are the same. */
export function firstDifference(
  left: readonly EpochEntry[],
  right: readonly EpochEntry[],
): bigint | undefined {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    if (a !== undefined && b !== undefined) {
      if (a.leaderEpoch === b.leaderEpoch && a.startOffset === b.startOffset) continue;
      return a.startOffset < b.startOffset ? a.startOffset : b.startOffset;
    }
    return (a ?? b)!.startOffset;
  }
  return undefined;
}
