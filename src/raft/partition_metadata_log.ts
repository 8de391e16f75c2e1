import type { LogConfig } from '../log/log_config.ts';
import type { LogOwner, LogServices } from '../log/log_types.ts';
import { PartitionLog } from '../log/partition_log.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asOffset, asPartitionIndex, asUuid, type LeaderEpoch, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_BATCH_BYTES } from '../model/limits.ts';
import type { MetadataLog } from './metadata_log.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';
import { METADATA_PARTITION, METADATA_TOPIC, METADATA_TOPIC_ID } from './quorum_settings.ts';

const ZERO = asOffset(0n);
const NO_LIMIT = -1;
const MAX_INT = 0x7fffffff;

export interface MetadataLogSettings {
  /** `metadata.log.segment.bytes` */
  readonly segmentBytes: number;
  /** `metadata.log.segment.ms` */
  readonly segmentMs: number;
}

/** The metadata log in Kafka's files, in the directory `__cluster_metadata-0`. */
export class PartitionMetadataLog implements MetadataLog {
  readonly #log: PartitionLog;

  private constructor(log: PartitionLog) {
    this.#log = log;
  }

  /**
   * Opens the log, or makes it. All of it is checked: no recovery point is stored for it.
   * @param directory the metadata log directory, in which the log's own directory is
   * @returns as {@link PartitionLog.open}
   */
  static async open(
    services: LogServices,
    {
      directory,
      settings,
      owner,
    }: { directory: string; settings: MetadataLogSettings; owner: Pick<LogOwner, 'diskFailed'> },
  ): Promise<PartitionMetadataLog | Failure> {
    const log = await PartitionLog.open(services, {
      directory: metadataLogDirectory(directory),
      topic: METADATA_TOPIC,
      partition: asPartitionIndex(METADATA_PARTITION),
      topicId: asUuid(METADATA_TOPIC_ID),
      config: configOf(settings),
      isClean: false,
      recoveryPoint: ZERO,
      logStartOffset: ZERO,
      highWatermark: ZERO,
      producerIdExpirationMs: MAX_INT,
      owner: { diskFailed: error => owner.diskFailed(error), lowerRecoveryPoint: () => Promise.resolve() },
    });
    return failed(log) ? log : new PartitionMetadataLog(log);
  }

  get startOffset(): Offset {
    return this.#log.logStartOffset;
  }

  get endOffset(): Offset {
    return this.#log.endOffset;
  }

  get sizeBytes(): number {
    return this.#log.sizeBytes;
  }

  get lastEpoch(): LeaderEpoch | undefined {
    return this.#log.latestLeaderEpoch;
  }

  append(records: Buffer, leaderEpoch: LeaderEpoch): Failure | undefined {
    const appended = this.#log.appendAsFollower(records, { leaderEpoch });
    return failed(appended) ? appended : undefined;
  }

  sync(): Promise<Failure | undefined> {
    return this.#log.awaitDurable(this.#log.endOffset);
  }

  read(offset: Offset, maxBytes: number) {
    const found = this.#log.read(offset, { maxBytes, upTo: this.#log.endOffset, minOneBatch: true });
    if (!(found instanceof Promise)) return failed(found) ? found : found.chunks;
    return found.then(read => (failed(read) ? read : read.chunks));
  }

  endOfEpoch(epoch: LeaderEpoch): OffsetAndEpoch | undefined {
    const end = this.#log.endOffsetForEpoch(epoch);
    return end.leaderEpoch < 0 ? undefined : { epoch: end.leaderEpoch, offset: end.endOffset };
  }

  epochAt(offset: Offset): LeaderEpoch | undefined {
    return this.#log.leaderEpochAt(offset);
  }

  truncateTo(offset: Offset): Promise<Failure | undefined> {
    return this.#log.truncateTo(offset);
  }

  restartAt(offset: Offset): Promise<Failure | undefined> {
    return this.#log.truncateFullyAndStartAt(offset);
  }

  deleteBefore(offset: Offset): Failure | undefined {
    this.#log.setHighWatermark(offset);
    const failure = this.#log.incrementLogStartOffset(offset);
    if (failure === undefined) void this.#log.deleteOldSegments();
    return failure;
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

/** Where the log is, with `quorum-state` and the snapshots beside its files. */
export function metadataLogDirectory(directory: string): string {
  return `${directory}/${METADATA_TOPIC}-${METADATA_PARTITION}`;
}

/** Nothing goes by size or age: snapshots decide what the log needs no more. */
function configOf({ segmentBytes, segmentMs }: MetadataLogSettings): LogConfig {
  return {
    segmentBytes,
    segmentMs,
    segmentJitterMs: 0,
    segmentIndexBytes: 10 * 1024 * 1024,
    indexIntervalBytes: 4096,
    retentionMs: NO_LIMIT,
    retentionBytes: NO_LIMIT,
    cleanupPolicy: { delete: true, compact: false },
    minCleanableDirtyRatio: 1,
    minCompactionLagMs: 0,
    maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
    deleteRetentionMs: 0,
    fileDeleteDelayMs: 60_000,
    maxMessageBytes: MAX_QUORUM_BATCH_BYTES,
    compressionType: 'producer',
    compressionGzipLevel: -1,
    compressionZstdLevel: 3,
    messageTimestampType: 'CreateTime',
    messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
    messageTimestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
    writeCaching: false,
    flushMessages: Number.MAX_SAFE_INTEGER,
    flushMs: Number.MAX_SAFE_INTEGER,
  };
}
