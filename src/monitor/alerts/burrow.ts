/*
 * How Burrow judges a group, from its commits alone: no threshold of lag, which is different for each topic.
 */

/** A commit of a group for a partition. */
export interface Commit {
  readonly offset: bigint;
  /** Wall clock. */
  readonly atMs: number;
  /** Records behind it when it was seen; undefined where the partition's end was not known then. */
  readonly lag: bigint | undefined;
}

/** Commits that are judged together. */
export const WINDOW_COMMITS = 10;

export type PartitionVerdict = 'ok' | 'stop' | 'rewind' | 'stall' | 'warn';
export type GroupVerdict = 'ok' | 'warn' | 'error';

export interface PartitionEvidence {
  /** The last ones, in their order; at most {@link WINDOW_COMMITS}. */
  readonly commits: readonly Commit[];
  /** Records behind the last commit now. */
  readonly currentLag: bigint;
  /** Wall clock. */
  readonly nowMs: number;
}

/**
 * Judges one partition. The rules, the first that holds counts:
 * - ok: the group is not further behind than it may be;
 * - stop: nothing was committed for longer than the window covers, and there are records for it;
 * - rewind: an offset went back, and did not come back to what it was;
 * - ok: somewhere in the window it was not further behind than it may be;
 * - stall: all commits are of the same offset;
 * - warn: the lag never fell;
 * - ok.
 *
 * Without a whole window nothing is judged: a single commit would count as stopped at once.
 * @param allowedLag records that a group may be behind
 */
export function judgePartition(
  { commits, currentLag, nowMs }: PartitionEvidence,
  allowedLag: bigint,
): PartitionVerdict {
  const first = commits[0];
  const last = commits.at(-1);
  if (first === undefined || last === undefined || commits.length < WINDOW_COMMITS) return 'ok';
  if (currentLag <= allowedLag) return 'ok';
  // With a lag, the partition's end is past the last commit.
  if (nowMs - last.atMs > last.atMs - first.atMs) return 'stop';
  if (isRewound(commits)) return 'rewind';
  if (commits.some(({ lag }) => lag !== undefined && lag <= allowedLag)) return 'ok';
  if (commits.every(({ offset }) => offset === first.offset)) return 'stall';
  return lagNeverFell(commits) ? 'warn' : 'ok';
}

/** The worst of its partitions counts. */
export function judgeGroup(partitions: Iterable<PartitionVerdict>): GroupVerdict {
  let verdict: GroupVerdict = 'ok';
  for (const each of partitions) {
    if (each === 'stop' || each === 'stall' || each === 'rewind') return 'error';
    if (each === 'warn') verdict = 'warn';
  }
  return verdict;
}

/** Whether an offset fell, and is not back at the highest that any fall began from. */
function isRewound(commits: readonly Commit[]): boolean {
  let fellFrom: bigint | undefined;
  for (let index = 1; index < commits.length; index++) {
    const { offset: previous } = commits[index - 1]!;
    const isFall = commits[index]!.offset < previous;
    if (isFall && (fellFrom === undefined || previous > fellFrom)) fellFrom = previous;
  }
  return fellFrom !== undefined && commits.at(-1)!.offset < fellFrom;
}

function lagNeverFell(commits: readonly Commit[]): boolean {
  let previous: bigint | undefined;
  for (const { lag } of commits) {
    if (lag === undefined) continue;
    if (previous !== undefined && lag < previous) return false;
    previous = lag;
  }
  return true;
}
