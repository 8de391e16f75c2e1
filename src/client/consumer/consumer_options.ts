import type { IsolationLevel } from '../list_offsets.ts';

/** Where to begin where there is no position, or the log does not hold it any more. */
export type OffsetReset = 'earliest' | 'latest' | 'none';

/** What a consumer is told; each has Kafka's default. */
export interface ConsumerOptions {
  readonly isolationLevel: IsolationLevel;
  /** `auto.offset.reset`. */
  readonly offsetReset: OffsetReset;
  /** `fetch.max.wait.ms`. */
  readonly fetchMaxWaitMs: number;
  /** `fetch.min.bytes`. */
  readonly fetchMinBytes: number;
  /** `fetch.max.bytes`: of one broker; so much of each is in memory at most, one batch more if it is larger. */
  readonly fetchMaxBytes: number;
  /** `max.partition.fetch.bytes`. */
  readonly maxPartitionFetchBytes: number;
  /** `check.crcs`. */
  readonly checksCrcs: boolean;
}

export const DEFAULT_CONSUMER_OPTIONS: ConsumerOptions = {
  isolationLevel: 'read_uncommitted',
  offsetReset: 'latest',
  fetchMaxWaitMs: 500,
  fetchMinBytes: 1,
  fetchMaxBytes: 52_428_800,
  maxPartitionFetchBytes: 1_048_576,
  checksCrcs: true,
};
