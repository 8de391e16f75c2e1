import type { LeaderEpoch, Offset, PartitionIndex, Uuid } from '../model/ids.ts';
import type { Clock, Disk, DiskError, Logger, Random } from '../model/ports.ts';
import type { IndexCache } from './index_cache.ts';
import type { LogConfig } from './log_config.ts';
import type { OpenFiles } from './open_files.ts';
import type { AppendOrigin } from './producer_state.ts';
import type { BatchChunks, TailCache } from './tail_cache.ts';

/** What all logs of a broker share. */
export interface LogServices {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly files: OpenFiles;
  readonly indexCache: IndexCache;
  readonly tailCache: TailCache;
}

/** Who a log belongs to: its log directory. */
export interface LogOwner {
  /** The disk failed under the log, which answers KAFKA_STORAGE_ERROR from now on, or could not be opened. Called once. */
  diskFailed(error: DiskError): void;
  /**
   * The log is about to be cut at `offset`: the stored recovery point must not be above when this resolves, or a
   * crash would leave what is appended there unchecked. A rejection with a DiskError fails the log.
   */
  lowerRecoveryPoint(offset: Offset): Promise<void>;
}

export interface OpenLogOptions {
  /** The partition's directory, `topic-partition` in a log directory; made when it is not there. */
  readonly directory: string;
  readonly topic: string;
  readonly partition: PartitionIndex;
  /** Written into a log that has none; that of a log that has one must be the same. */
  readonly topicId?: Uuid;
  readonly config: LogConfig;
  /** Whether the broker that had the log open closed it. */
  readonly isClean: boolean;
  /** As stored: all below it is on the disk and needs no check. 0 for a log of which nothing is stored. */
  readonly recoveryPoint: Offset;
  /** As stored: records below are deleted, even where their segment is there still. */
  readonly logStartOffset: Offset;
  /** As stored. */
  readonly highWatermark: Offset;
  /** `producer.id.expiration.ms`: producers that were idle for so long are forgotten. */
  readonly producerIdExpirationMs: number;
  readonly owner: LogOwner;
}

export interface LeaderAppendOptions {
  /** Written into the batches. */
  readonly leaderEpoch: LeaderEpoch;
  readonly origin: AppendOrigin;
}

/** What became of batches that were given to a log. */
export interface Appended {
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
  /** The time of the append where the topic wants it as the records' timestamp, else -1; of a duplicate, its latest. */
  readonly timestamp: bigint;
  readonly logStartOffset: Offset;
  /** Whether the producer sent the batch before: the offsets are those of then, and nothing was appended. */
  readonly isDuplicate: boolean;
}

export interface LogRead extends BatchChunks {
  /** Whether there is more below the bound. */
  readonly hasMore: boolean;
}
