/*
 * Settings that stand for each other: those of topics and groups for which the broker has the default, and those of
 * brokers that say the same in another unit. Kafka's: ServerTopicConfigSynonyms, GroupConfig, DynamicBrokerConfig.
 */

import type { BrokerSettingName } from './tables.ts';

/** The broker's setting that is the default of a topic's; of several, the one that counts first. */
export const TOPIC_DEFAULTS = {
  'write.caching': 'log.write.caching',
  'segment.bytes': 'log.segment.bytes',
  'segment.ms': 'log.roll.ms',
  'segment.jitter.ms': 'log.roll.jitter.ms',
  'segment.index.bytes': 'log.index.size.max.bytes',
  'index.interval.bytes': 'log.index.interval.bytes',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': 'log.flush.interval.ms',
  'retention.bytes': 'log.retention.bytes',
  'retention.ms': 'log.retention.ms',
  'max.message.bytes': 'message.max.bytes',
  'max.decompressed.message.bytes': 'max.decompressed.message.bytes',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'cleanup.policy': 'log.cleanup.policy',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
  'min.insync.replicas': 'min.insync.replicas',
  'compression.type': 'compression.type',
  'compression.gzip.level': 'compression.gzip.level',
  'compression.lz4.level': 'compression.lz4.level',
  'compression.zstd.level': 'compression.zstd.level',
  preallocate: 'log.preallocate',
  'message.timestamp.type': 'log.message.timestamp.type',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'local.retention.ms': 'log.local.retention.ms',
  'local.retention.bytes': 'log.local.retention.bytes',
  'remote.copy.lag.ms': 'log.remote.copy.lag.ms',
  'remote.copy.lag.bytes': 'log.remote.copy.lag.bytes',
} as const satisfies Record<string, BrokerSettingName>;

/** The broker's setting that is the default of a group's. */
export const GROUP_DEFAULTS = {
  'consumer.session.timeout.ms': 'group.consumer.session.timeout.ms',
  'consumer.heartbeat.interval.ms': 'group.consumer.heartbeat.interval.ms',
  'consumer.assignment.interval.ms': 'group.consumer.assignment.interval.ms',
  'consumer.assignor.offload.enable': 'group.consumer.assignor.offload.enable',
  'share.session.timeout.ms': 'group.share.session.timeout.ms',
  'share.heartbeat.interval.ms': 'group.share.heartbeat.interval.ms',
  'share.record.lock.duration.ms': 'group.share.record.lock.duration.ms',
  'share.delivery.count.limit': 'group.share.delivery.count.limit',
  'share.partition.max.record.locks': 'group.share.partition.max.record.locks',
  'share.assignment.interval.ms': 'group.share.assignment.interval.ms',
  'share.assignor.offload.enable': 'group.share.assignor.offload.enable',
  'streams.session.timeout.ms': 'group.streams.session.timeout.ms',
  'streams.heartbeat.interval.ms': 'group.streams.heartbeat.interval.ms',
  'streams.num.standby.replicas': 'group.streams.num.standby.replicas',
  'streams.initial.rebalance.delay.ms': 'group.streams.initial.rebalance.delay.ms',
  'streams.assignment.interval.ms': 'group.streams.assignment.interval.ms',
  'streams.assignor.offload.enable': 'group.streams.assignor.offload.enable',
  'streams.num.warmup.replicas': 'group.streams.num.warmup.replicas',
  'streams.task.offset.interval.ms': 'group.streams.task.offset.interval.ms',
  'streams.acceptable.recovery.lag': 'group.streams.acceptable.recovery.lag',
  'streams.rack.aware.assignment.tags': 'group.streams.rack.aware.assignment.tags',
} as const satisfies Record<string, BrokerSettingName>;

/** Settings of brokers for the same thing in several units, in the order in which they count. */
const UNITS: readonly (readonly BrokerSettingName[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
];
/** Two names for one thing. */
const NAMES: readonly (readonly BrokerSettingName[])[] = [
  ['node.id', 'broker.id'],
  ['log.dirs', 'log.dir'],
];
/** A setting, and the one that gives its default. */
const FLUSH: readonly BrokerSettingName[] = ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'];

const including = (lists: readonly (readonly string[])[], name: string) =>
  lists.find(names => names.includes(name));

/** Under which names a broker's setting is described, in the order in which they count, itself among them. */
export function describedSynonyms(name: string): readonly string[] {
  if (name === FLUSH[0]) return FLUSH;
  return including(UNITS, name) ?? [name];
}

/** The names of which a later source of settings sets aside all when it sets one. */
export function namesOfSameThing(name: string): readonly string[] {
  return including(UNITS, name) ?? including(NAMES, name) ?? [name];
}
