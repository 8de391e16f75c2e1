import type { Offset, Uuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';

/** An offset that a group committed for a partition. */
export interface StoredOffset {
  /** Of the topic that it was committed for; zero where the record does not say. */
  readonly topicId: Uuid;
  /** Where the group goes on: behind the last record that it consumed. */
  readonly offset: Offset;
  /** Of the last record that was consumed; -1 where the client did not say. */
  readonly leaderEpoch: number;
  /** What the client keeps with it; empty for nothing. */
  readonly metadata: string;
  /** Wall-clock milliseconds. */
  readonly commitTimestampMs: number;
  /** When it expires, for clients that chose it themselves (OffsetCommit 2 to 4); wall-clock milliseconds. */
  readonly expireTimestampMs: number | undefined;
  /** Where its record is in the log: of two commits, the later one counts. */
  readonly recordOffset: Offset;
}

/** Whether it belongs to another topic of the same name: that one was deleted since. */
export function isOfOtherTopic({ topicId }: StoredOffset, present: string): boolean {
  return topicId !== ZERO_UUID && present !== ZERO_UUID && topicId !== present;
}

/** A stored offset before it is one: what a client commits. */
export type CommittedOffset = Omit<StoredOffset, 'recordOffset'>;
