import { asOffset, type Offset } from '../model/ids.ts';

/*
 * The names of the files in a partition's directory, as Kafka has them: the base offset in 20 digits and a suffix.
 */

/** The kinds of files that a segment has; each is named by the segment's base offset. */
export const FileSuffix = {
  log: '.log',
  offsetIndex: '.index',
  timeIndex: '.timeindex',
  transactionIndex: '.txnindex',
  producerSnapshot: '.snapshot',
} as const;
export type FileSuffix = (typeof FileSuffix)[keyof typeof FileSuffix];

/** What marks a file that is not, or no longer, part of the log. */
export const FileState = {
  /** Part of the log. */
  live: '',
  /** Taken out of the log; removed after a delay, or at the next load. */
  deleted: '.deleted',
  /** Being written by a compaction; worth nothing after a crash. */
  cleaned: '.cleaned',
  /** Written and synced by a compaction, about to take the place of the files that it replaces. */
  swap: '.swap',
} as const;
export type FileState = (typeof FileState)[keyof typeof FileState];

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint';
export const PARTITION_METADATA_FILE = 'partition.metadata';
/** What a file that is written and renamed into place is called before. */
export const TEMPORARY_SUFFIX = '.tmp';

const OFFSET_DIGITS = 20;
const NAME_PATTERN =
  /^(\d{20})(\.log|\.index|\.timeindex|\.txnindex|\.snapshot)(\.deleted|\.cleaned|\.swap)?$/;

/** What the name of a segment's file says. */
export interface SegmentFileName {
  readonly offset: Offset;
  readonly suffix: FileSuffix;
  readonly state: FileState;
}

/** `00000000000000000042.log` for offset 42. */
export function segmentFileName(
  offset: Offset,
  suffix: FileSuffix,
  state: FileState = FileState.live,
): string {
  return `${offset.toString().padStart(OFFSET_DIGITS, '0')}${suffix}${state}`;
}

/** Undefined for every other file: those are left alone. */
export function parseSegmentFileName(name: string): SegmentFileName | undefined {
  const match = NAME_PATTERN.exec(name);
  if (match === null) return undefined;
  return {
    offset: asOffset(BigInt(match[1]!)),
    suffix: match[2] as FileSuffix,
    state: (match[3] ?? FileState.live) as FileState,
  };
}
