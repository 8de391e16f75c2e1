/* Settings of groups; the broker has their defaults and the bounds of most. */

import { offsetReset } from '../parsers.ts';
import { boolean, custom, int, list, long, oneOf, string, table } from '../setting.ts';
import { NO_CONSUMER_GROUPS, NO_SHARE_GROUPS, NO_STREAMS_GROUPS } from './unused.ts';

export const GROUP_SETTINGS = table({
  'consumer.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Time without a heartbeat after which a member of the group is removed.',
  }),
  'consumer.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Time between the heartbeats that members are told to keep.',
  }),
  'consumer.assignment.interval.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: "Time between two computations of the group's assignment.",
  }),
  'consumer.assignor.offload.enable': boolean(true, {
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    hidden: true,
    doc: "Whether the group's assignments are computed in the background.",
  }),
  'share.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Time without a heartbeat after which a member of the group is removed.',
  }),
  'share.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Time between the heartbeats that members are told to keep.',
  }),
  'share.record.lock.duration.ms': int(30_000, {
    atLeast: 1000,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Time that a consumer holds a record it was given.',
  }),
  'share.delivery.count.limit': int(5, {
    atLeast: 2,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Times that a record is delivered before it is given up.',
  }),
  'share.partition.max.record.locks': int(2000, {
    atLeast: 100,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Records of one partition that may be out at a time.',
  }),
  'share.auto.offset.reset': custom('string', 'latest', offsetReset, {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Where the group begins in a partition: earliest, latest, or by_duration: with a duration in ISO 8601 before now.',
  }),
  'share.isolation.level': oneOf(['read_committed', 'read_uncommitted'], 'read_uncommitted', {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Whether records of aborted and open transactions are delivered.',
  }),
  'share.renew.acknowledge.enable': boolean(true, {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Whether a consumer may ask for more time for a record.',
  }),
  'share.assignment.interval.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: "Time between two computations of the group's assignment.",
  }),
  'share.assignor.offload.enable': boolean(true, {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    hidden: true,
    doc: "Whether the group's assignments are computed in the background.",
  }),
  'errors.deadletterqueue.topic.name': string('', {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Topic for the records that the group gives up; empty for none.',
  }),
  'errors.deadletterqueue.copy.record.enable': boolean(false, {
    importance: 'medium',
    unused: NO_SHARE_GROUPS,
    doc: 'Whether a record that is given up is copied to the dead-letter topic, or only described there.',
  }),
  'streams.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time without a heartbeat after which a member of the group is removed.',
  }),
  'streams.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time between the heartbeats that members are told to keep.',
  }),
  'streams.num.standby.replicas': int(0, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Standby replicas of each task with state.',
  }),
  'streams.num.warmup.replicas': int(2, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    hidden: true,
    doc: 'Warmup replicas of tasks that the group may have.',
  }),
  'streams.task.offset.interval.ms': int(60_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    hidden: true,
    doc: 'How often a client tells how far its warmup tasks are.',
  }),
  'streams.acceptable.recovery.lag': long(10_000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    hidden: true,
    doc: 'How far behind a client may be to get an active task.',
  }),
  'streams.rack.aware.assignment.tags': list('', {
    importance: 'low',
    unused: NO_STREAMS_GROUPS,
    doc: 'Tags of clients over which standby replicas are spread.',
  }),
  'streams.initial.rebalance.delay.ms': int(3000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time that a new group waits for more members.',
  }),
  'streams.assignment.interval.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: "Time between two computations of the group's assignment.",
  }),
  'streams.assignor.offload.enable': boolean(true, {
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    hidden: true,
    doc: "Whether the group's assignments are computed in the background.",
  }),
  'streams.assignor.name': string(null, {
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Assignor of the group, one of group.streams.assignors.',
  }),
});
