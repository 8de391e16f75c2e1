/* Settings of topics. Where a topic leaves one out, the broker has its default (`synonyms.ts`). */

import { throttledReplicas } from '../parsers.ts';
import { boolean, custom, double, int, list, long, MAX_LONG, oneOf, table } from '../setting.ts';
import { NO_DECOMPRESSED_BOUND, NO_PREALLOCATE, NO_SHARE_GROUPS, NO_TIERING } from './unused.ts';

export const TOPIC_SETTINGS = table({
  'write.caching': boolean(false, {
    importance: 'medium',
    ours: true,
    doc: 'Whether acks=all is answered when the in-sync replicas have the records in memory, before they are on disk: faster, and lost when all of them lose power at once.',
  }),
  'segment.bytes': int(1_073_741_824, {
    atLeast: 1_048_576,
    importance: 'medium',
    doc: 'Size at which a segment is closed and the next one begins.',
  }),
  'segment.ms': long(604_800_000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Age at which a segment is closed even if it is not full.',
  }),
  'segment.jitter.ms': long(0, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Most that is taken off segment.ms at random, so that segments do not close all at once.',
  }),
  'segment.index.bytes': int(10_485_760, {
    atLeast: 4,
    importance: 'medium',
    doc: "Largest size of a segment's index; a full index closes the segment.",
  }),
  'index.interval.bytes': int(4096, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Bytes of records between two entries of an index.',
  }),
  'internal.segment.bytes': int(null, {
    importance: 'medium',
    hidden: true,
    doc: 'Size of a segment, below the bound of segment.bytes, for tests.',
  }),
  'flush.messages': long(MAX_LONG, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Records after which a log is forced to disk, whoever waits for it.',
  }),
  'flush.ms': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Age of records at which a log is forced to disk, whoever waits for it.',
  }),
  'retention.bytes': long(-1, {
    importance: 'medium',
    doc: 'Size of a partition above which its oldest segments are deleted; -1 for no bound.',
  }),
  'retention.ms': long(604_800_000, {
    atLeast: -1,
    importance: 'medium',
    doc: 'Age at which closed segments are deleted; -1 for never.',
  }),
  'max.message.bytes': int(1_048_588, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Largest record batch that is accepted, as it is sent (compressed).',
  }),
  'max.decompressed.message.bytes': int(2_147_483_639, {
    atLeast: 1,
    atMost: 2_147_483_639,
    importance: 'medium',
    unused: NO_DECOMPRESSED_BOUND,
    doc: 'Largest size of a single record after decompression.',
  }),
  'delete.retention.ms': long(86_400_000, {
    atLeast: 0,
    importance: 'medium',
    doc: 'How long a tombstone stays after the log was compacted.',
  }),
  'min.compaction.lag.ms': long(0, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Age below which a record is not compacted.',
  }),
  'max.compaction.lag.ms': long(MAX_LONG, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Age above which a record must become compacted.',
  }),
  'file.delete.delay.ms': long(60_000, {
    atLeast: 0,
    importance: 'medium',
    doc: "Time between renaming a deleted segment's files and removing them.",
  }),
  'min.cleanable.dirty.ratio': double(0.5, {
    atLeast: 0,
    atMost: 1,
    importance: 'medium',
    doc: 'Part of a log that must be uncompacted before it is compacted again.',
  }),
  'cleanup.policy': list('delete', {
    of: ['compact', 'delete'],
    importance: 'medium',
    doc: 'What becomes of old data: delete it, compact it to the last record of each key, or both; empty keeps all.',
  }),
  'unclean.leader.election.enable': boolean(false, {
    importance: 'medium',
    doc: 'Whether a replica that is not in sync may become leader when no other is left, at the price of losing records.',
  }),
  'min.insync.replicas': int(1, {
    atLeast: 1,
    importance: 'medium',
    doc: 'In-sync replicas that a partition needs before it accepts records sent with acks=all; a topic with fewer replicas needs all of them.',
  }),
  'compression.type': oneOf(['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'], 'producer', {
    importance: 'medium',
    doc: 'Codec that stored batches have; producer keeps what was sent.',
  }),
  'compression.gzip.level': int(-1, {
    atLeast: 1,
    atMost: 9,
    also: -1,
    importance: 'medium',
    doc: "Level at which the broker compresses with gzip; -1 for the library's default.",
  }),
  'compression.lz4.level': int(9, {
    atLeast: 1,
    atMost: 17,
    importance: 'medium',
    doc: 'Level at which the broker compresses with lz4.',
  }),
  'compression.zstd.level': int(3, {
    atLeast: -131_072,
    atMost: 22,
    importance: 'medium',
    doc: 'Level at which the broker compresses with zstd.',
  }),
  preallocate: boolean(false, {
    importance: 'medium',
    unused: NO_PREALLOCATE,
    doc: "Whether a new segment's file gets its full size at once.",
  }),
  'message.timestamp.type': oneOf(['CreateTime', 'LogAppendTime'], 'CreateTime', {
    importance: 'medium',
    doc: "Whether records keep the producer's timestamp or get that of the append.",
  }),
  'message.timestamp.before.max.ms': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    doc: "How much older than the broker's clock a record's timestamp may be.",
  }),
  'message.timestamp.after.max.ms': long(3_600_000, {
    atLeast: 0,
    importance: 'medium',
    doc: "How far ahead of the broker's clock a record's timestamp may be.",
  }),
  'leader.replication.throttled.replicas': custom('list', '', throttledReplicas, {
    importance: 'medium',
    doc: 'Replicas whose leaders send at the throttled rate, as partition:broker pairs, or * for all.',
  }),
  'follower.replication.throttled.replicas': custom('list', '', throttledReplicas, {
    importance: 'medium',
    doc: 'Replicas that fetch at the throttled rate, as partition:broker pairs, or * for all.',
  }),
  'remote.storage.enable': boolean(false, {
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Whether closed segments are copied to remote storage.',
  }),
  'local.retention.ms': long(-2, {
    atLeast: -2,
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Age at which segments that were copied are deleted locally; -2 for retention.ms.',
  }),
  'local.retention.bytes': long(-2, {
    atLeast: -2,
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Size above which segments that were copied are deleted locally; -2 for retention.bytes.',
  }),
  'remote.copy.lag.ms': long(0, {
    atLeast: -1,
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Age at which a closed segment is copied to remote storage; -1 for local.retention.ms.',
  }),
  'remote.copy.lag.bytes': long(-1, {
    atLeast: -1,
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Bytes of newer data after which a closed segment is copied to remote storage; -1 for local.retention.bytes.',
  }),
  'remote.log.copy.disable': boolean(false, {
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Whether nothing more is copied to remote storage.',
  }),
  'remote.log.delete.on.disable': boolean(false, {
    importance: 'medium',
    unused: NO_TIERING,
    doc: 'Whether what is in remote storage is deleted when it is switched off.',
  }),
  'errors.deadletterqueue.group.enable': boolean(false, {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Whether share groups may use the topic for the records that they give up.',
  }),
});
