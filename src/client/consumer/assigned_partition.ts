import type { Failure } from '../../model/failure.ts';
import { type LeaderEpoch, type Offset, UNKNOWN_LEADER_EPOCH, UNKNOWN_OFFSET } from '../../model/ids.ts';
import type { TopicPartition } from '../topic_partition.ts';
import type { FetchedRecords } from './fetched_records.ts';

/** Where to begin: at an offset, at the first record of a time or later (milliseconds since 1970), or at an end. */
export type StartPosition =
  | 'earliest'
  | 'latest'
  | { readonly offset: Offset; readonly leaderEpoch?: LeaderEpoch }
  | { readonly timestamp: bigint };

/**
 * A partition that a consumer reads.
 *
 *     without a position → fetchable → being fetched → with records (given out) → fetchable
 *     any → without a position: by a seek, or because the log does not hold the position any more
 */
export class AssignedPartition {
  readonly target: TopicPartition;
  /** Where to begin, until the position is known. */
  #start: StartPosition | undefined;
  #position: Offset | undefined;
  #epoch: LeaderEpoch = UNKNOWN_LEADER_EPOCH;
  /** Changes with each seek: what was fetched for the place before does not count. */
  #generation = 0;
  isPaused = false;
  isBeingFetched = false;
  /** Fetched, not all given out. */
  records: FetchedRecords | undefined;
  /** To be told to the caller, once. */
  failure: Failure | undefined;
  /** Tries that failed, one after the other. */
  failures = 0;
  /** Not fetched before this. */
  retryAtMs = 0;
  /** As of the last fetch; -1 before. */
  highWatermark: Offset = UNKNOWN_OFFSET;
  lastStableOffset: Offset = UNKNOWN_OFFSET;
  logStartOffset: Offset = UNKNOWN_OFFSET;

  constructor(target: TopicPartition, start: StartPosition) {
    this.target = target;
    this.seek(start);
  }

  get start(): StartPosition | undefined {
    return this.#start;
  }

  /** The offset of the next record that is given out; undefined until it is known. */
  get position(): Offset | undefined {
    return this.records?.position ?? this.#position;
  }

  /** The leader epoch of the record before the position, where it is known. */
  get epoch(): LeaderEpoch {
    return this.#epoch;
  }

  get generation(): number {
    return this.#generation;
  }

  seek(start: StartPosition): void {
    this.#generation++;
    this.records = undefined;
    this.failure = undefined;
    this.#epoch = UNKNOWN_LEADER_EPOCH;
    if (typeof start === 'object' && 'offset' in start) {
      this.#position = start.offset;
      this.#epoch = start.leaderEpoch ?? UNKNOWN_LEADER_EPOCH;
      this.#start = undefined;
    } else {
      this.#position = undefined;
      this.#start = start;
    }
  }

  /** All fetched records were given out. */
  finishRecords(): void {
    if (this.records === undefined) return;
    this.#position = this.records.position;
    if (this.records.epoch >= 0) this.#epoch = this.records.epoch;
    this.records = undefined;
  }

  /** Whether it may be fetched now. */
  isFetchable(nowMs: number): boolean {
    return (
      this.#position !== undefined &&
      this.records === undefined &&
      this.failure === undefined &&
      !this.isPaused &&
      !this.isBeingFetched &&
      nowMs >= this.retryAtMs
    );
  }
}
