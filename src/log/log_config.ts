/**
 * The settings of a topic that its logs follow, under the names of settings/ (whose values have this shape). Times are
 * in milliseconds, sizes in bytes; -1 is without limit where Kafka has it so.
 */
export interface LogConfig {
  /** `segment.bytes`: a segment that would grow beyond is closed. */
  readonly segmentBytes: number;
  /** `segment.ms`: a segment is closed when its records span more time, or it is older. */
  readonly segmentMs: number;
  /** `segment.jitter.ms`: at most so much earlier, so that not all logs close theirs at once. */
  readonly segmentJitterMs: number;
  /** `segment.index.bytes`: a segment whose index would grow beyond is closed. */
  readonly segmentIndexBytes: number;
  /** `index.interval.bytes`: bytes of the log between two entries of its indexes. */
  readonly indexIntervalBytes: number;
  /** `retention.ms`: segments whose latest record is older are deleted; -1 for never. */
  readonly retentionMs: number;
  /** `retention.bytes`: what is above is deleted, whole segments at a time; -1 for without limit. */
  readonly retentionBytes: number;
  readonly cleanupPolicy: { readonly delete: boolean; readonly compact: boolean };
  /** `min.cleanable.dirty.ratio`: a log of which a larger part was never compacted is compacted, 0 to 1. */
  readonly minCleanableDirtyRatio: number;
  /** `min.compaction.lag.ms`: records that are younger are not compacted. */
  readonly minCompactionLagMs: number;
  /** `max.compaction.lag.ms`: a record that is older has its log compacted, however little there is to do. */
  readonly maxCompactionLagMs: number;
  /** `delete.retention.ms`: how long tombstones stay once their log was compacted. */
  readonly deleteRetentionMs: number;
  /** `file.delete.delay.ms`: how long a deleted segment's files stay, for reads under way. */
  readonly fileDeleteDelayMs: number;
  /** `max.message.bytes`: the largest batch that is taken. */
  readonly maxMessageBytes: number;
  /** `compression.type`: how batches are stored; `producer` for as they come. */
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** `compression.gzip.level`: 1 to 9, or -1. */
  readonly compressionGzipLevel: number;
  /** `compression.zstd.level`. */
  readonly compressionZstdLevel: number;
  /** `message.timestamp.type`: whose time a record has, the producer's or that of the append. */
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime';
  /** `message.timestamp.before.max.ms`: how far a producer's timestamp may be behind the broker's clock. */
  readonly messageTimestampBeforeMaxMs: number;
  /** `message.timestamp.after.max.ms`: how far it may be ahead. */
  readonly messageTimestampAfterMaxMs: number;
  /** `write.caching`: appends count as durable once they are written; the system syncs when it likes. */
  readonly writeCaching: boolean;
  /** `flush.messages`: with write caching, so many unsynced records are synced, and waited for. */
  readonly flushMessages: number;
  /** `flush.ms`: with write caching, nothing stays unsynced for longer. */
  readonly flushMs: number;
}
