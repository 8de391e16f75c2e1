/* Where logs are kept, and the defaults of the settings of topics. */

import { boolean, className, int, list, long, MAX_LONG, oneOf, table } from '../setting.ts';
import { NO_DECOMPRESSED_BOUND, NO_PLUGINS, NO_PREALLOCATE } from './unused.ts';

export const LOG_SETTINGS = table({
  'log.scrub.interval.ms': long(604_800_000, {
    atLeast: 0,
    ours: true,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'How often each replica is read from the disk as a whole and held against its checksums; bytes that have changed are replaced by those of another replica. 0 for never.',
  }),
  'log.scrub.max.bytes.per.second': long(8_388_608, {
    atLeast: 1024,
    ours: true,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Bytes a second that log.scrub.interval.ms may cost, over all logs.',
  }),
  'log.dir': list('./data', {
    nonEmpty: true,
    importance: 'high',
    doc: 'Directories of the logs, where log.dirs is not set.',
  }),
  'log.dirs': list(null, {
    nonEmpty: true,
    importance: 'high',
    doc: 'Directories of the logs, separated by commas.',
  }),
  'cordoned.log.dirs': list('', {
    importance: 'medium',
    update: 'per-broker',
    doc: 'Log directories that take no new replicas; * for all of them.',
  }),
  'num.partitions': int(1, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Partitions of a topic that is created without a count of its own.',
  }),
  'auto.create.topics.enable': boolean(true, {
    importance: 'high',
    doc: 'Whether asking for the metadata of a missing topic may create it.',
  }),
  'delete.topic.enable': boolean(true, {
    importance: 'high',
    doc: 'Whether topics can be deleted.',
  }),
  'message.max.bytes': int(1_048_588, {
    atLeast: 0,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Largest record batch that is accepted, as it is sent (compressed).',
  }),
  'max.decompressed.message.bytes': int(2_147_483_639, {
    atLeast: 1,
    atMost: 2_147_483_639,
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_DECOMPRESSED_BOUND,
    doc: 'Largest size of a single record after decompression.',
  }),
  'log.write.caching': boolean(false, {
    importance: 'medium',
    update: 'cluster-wide',
    ours: true,
    doc: 'Default of write.caching: whether acks=all is answered when the in-sync replicas have the records in memory, before they are on disk.',
  }),
  'log.segment.bytes': int(1_073_741_824, {
    atLeast: 1_048_576,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Size at which a segment is closed and the next one begins.',
  }),
  'log.roll.ms': long(null, {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Age at which a segment is closed even if it is not full; without it, log.roll.hours.',
  }),
  'log.roll.hours': int(168, {
    atLeast: 1,
    importance: 'high',
    doc: 'The age of log.roll.ms in hours, where that is not set.',
  }),
  'log.roll.jitter.ms': long(null, {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Most that is taken off log.roll.ms at random, so that segments do not close all at once; without it, log.roll.jitter.hours.',
  }),
  'log.roll.jitter.hours': int(0, {
    atLeast: 0,
    importance: 'high',
    doc: 'The time of log.roll.jitter.ms in hours, where that is not set.',
  }),
  'log.retention.ms': long(null, {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Age at which closed segments are deleted, -1 for never; without it, log.retention.minutes, and then log.retention.hours.',
  }),
  'log.retention.minutes': int(null, {
    importance: 'high',
    doc: 'The age of log.retention.ms in minutes, where that is not set.',
  }),
  'log.retention.hours': int(168, {
    importance: 'high',
    doc: 'The age of log.retention.ms in hours, where neither that nor log.retention.minutes is set.',
  }),
  'log.retention.bytes': long(-1, {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Size of a partition above which its oldest segments are deleted; -1 for no bound.',
  }),
  'log.retention.check.interval.ms': long(300_000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'How often the logs are looked through for segments to delete.',
  }),
  'log.cleanup.policy': list('delete', {
    of: ['compact', 'delete'],
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'What becomes of old data: delete it, compact it to the last record of each key, or both; empty keeps all.',
  }),
  'log.index.size.max.bytes': int(10_485_760, {
    atLeast: 4,
    importance: 'medium',
    update: 'cluster-wide',
    doc: "Largest size of a segment's index; a full index closes the segment.",
  }),
  'log.index.interval.bytes': int(4096, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Bytes of records between two entries of an index.',
  }),
  'log.flush.interval.messages': long(MAX_LONG, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Records after which a log is forced to disk, whoever waits for it.',
  }),
  'log.flush.scheduler.interval.ms': long(MAX_LONG, {
    atLeast: 1,
    importance: 'high',
    doc: 'How often logs are looked through for those that are due by log.flush.interval.ms, and its default.',
  }),
  'log.flush.interval.ms': long(null, {
    atLeast: 0,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Age of records at which a log is forced to disk, whoever waits for it; without it, log.flush.scheduler.interval.ms.',
  }),
  'log.flush.offset.checkpoint.interval.ms': int(60_000, {
    atLeast: 0,
    importance: 'high',
    doc: 'How often the recovery points are written to recovery-point-offset-checkpoint.',
  }),
  'log.flush.start.offset.checkpoint.interval.ms': int(60_000, {
    atLeast: 0,
    importance: 'high',
    doc: 'How often the log start offsets are written to log-start-offset-checkpoint.',
  }),
  'log.segment.delete.delay.ms': long(60_000, {
    atLeast: 0,
    importance: 'high',
    update: 'cluster-wide',
    doc: "Time between renaming a deleted segment's files and removing them.",
  }),
  'log.preallocate': boolean(false, {
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_PREALLOCATE,
    doc: "Whether a new segment's file gets its full size at once.",
  }),
  'log.message.timestamp.type': oneOf(['CreateTime', 'LogAppendTime'], 'CreateTime', {
    importance: 'medium',
    update: 'cluster-wide',
    doc: "Whether records keep the producer's timestamp or get that of the append.",
  }),
  'log.message.timestamp.before.max.ms': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: "How much older than the broker's clock a record's timestamp may be.",
  }),
  'log.message.timestamp.after.max.ms': long(3_600_000, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: "How far ahead of the broker's clock a record's timestamp may be.",
  }),
  'log.dir.failure.timeout.ms': long(30_000, {
    atLeast: 1,
    importance: 'low',
    doc: "A broker that can't tell the controller of a failed log directory for this long stops.",
  }),
  'log.initial.task.delay.ms': long(30_000, {
    atLeast: 0,
    importance: 'low',
    hidden: true,
    doc: 'Delay after the start before the background work on logs begins.',
  }),
  'num.recovery.threads.per.data.dir': int(2, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Logs of one directory that are loaded at the same time at the start.',
  }),
  'compression.type': oneOf(['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'], 'producer', {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Codec that stored batches have; producer keeps what was sent.',
  }),
  'compression.gzip.level': int(-1, {
    atLeast: 1,
    atMost: 9,
    also: -1,
    importance: 'medium',
    update: 'cluster-wide',
    doc: "Level at which the broker compresses with gzip; -1 for the library's default.",
  }),
  'compression.lz4.level': int(9, {
    atLeast: 1,
    atMost: 17,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Level at which the broker compresses with lz4.',
  }),
  'compression.zstd.level': int(3, {
    atLeast: -131_072,
    atMost: 22,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Level at which the broker compresses with zstd.',
  }),
  'create.topic.policy.class.name': className(null, {
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'Class that may refuse new topics.',
  }),
  'alter.config.policy.class.name': className(null, {
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'Class that may refuse changes of settings.',
  }),
});
