/* Groups, their offsets, and the bounds for the settings of single groups. */

import { int, list, long, MAX_INT, oneOf, short, table } from '../setting.ts';
import { NO_BUFFER_CACHE, NO_CONSUMER_GROUPS, NO_STREAMS_GROUPS, NO_THREADS } from './unused.ts';

export const GROUP_COORDINATOR_SETTINGS = table({
  'group.coordinator.rebalance.protocols': list('classic,consumer,streams', {
    of: ['consumer', 'classic', 'share', 'streams'],
    nonEmpty: true,
    importance: 'medium',
    doc: 'Group protocols that the broker may serve: classic is always one of them.',
  }),
  'group.coordinator.threads': int(4, {
    atLeast: 1,
    importance: 'high',
    unused: NO_THREADS,
    doc: 'Threads of the group coordinator.',
  }),
  'group.coordinator.background.threads': int(2, {
    atLeast: 1,
    importance: 'high',
    unused: NO_THREADS,
    doc: "Threads for the group coordinator's work in the background.",
  }),
  'group.coordinator.append.linger.ms': int(-1, {
    atLeast: -1,
    importance: 'medium',
    doc: 'Time that the group coordinator gathers records before it appends them; -1 adapts to the load.',
  }),
  'group.coordinator.cached.buffer.max.bytes': int(1_048_588, {
    atLeast: 524_288,
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_BUFFER_CACHE,
    doc: 'Largest buffer that the group coordinator keeps for its next append.',
  }),
  'offsets.commit.timeout.ms': int(5000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time that an offset commit may wait for the in-sync replicas of its partition.',
  }),
  'offsets.load.buffer.size': int(5_242_880, {
    atLeast: 1,
    importance: 'high',
    doc: 'Bytes that are read at once while a coordinator loads its partition.',
  }),
  'offsets.topic.replication.factor': short(3, {
    atLeast: 1,
    importance: 'high',
    doc: 'Replicas of __consumer_offsets, at most: with fewer brokers at its creation it gets one on each, so that a single node works.',
  }),
  'offsets.topic.num.partitions': int(50, {
    atLeast: 1,
    importance: 'high',
    doc: 'Partitions of __consumer_offsets; not to be changed once it exists.',
  }),
  'offsets.topic.segment.bytes': int(104_857_600, {
    atLeast: 1,
    importance: 'high',
    doc: 'Size of the segments of __consumer_offsets, small so that they are compacted and loaded soon.',
  }),
  'offsets.topic.compression.codec': int(0, {
    importance: 'high',
    doc: 'Codec of the records of __consumer_offsets: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
  }),
  'offset.metadata.max.bytes': int(4096, {
    importance: 'high',
    doc: 'Longest metadata text of an offset commit.',
  }),
  'offsets.retention.minutes': int(10_080, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time after which the offsets of an empty group, or of partitions that it no longer subscribes to, expire.',
  }),
  'offsets.retention.check.interval.ms': long(600_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'How often expired offsets are looked for.',
  }),
  'group.min.session.timeout.ms': int(6000, {
    importance: 'medium',
    doc: 'Shortest session timeout that a member of a classic group may ask for.',
  }),
  'group.max.session.timeout.ms': int(1_800_000, {
    importance: 'medium',
    doc: 'Longest session timeout that a member of a classic group may ask for.',
  }),
  'group.initial.rebalance.delay.ms': int(3000, {
    importance: 'medium',
    doc: 'Time that a new classic group waits for more members before its first rebalance.',
  }),
  'group.max.size': int(MAX_INT, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Members that a classic group may have.',
  }),
  'group.consumer.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Time without a heartbeat after which a member of a consumer group is removed.',
  }),
  'group.consumer.min.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Smallest consumer.session.timeout.ms that a group may set.',
  }),
  'group.consumer.max.session.timeout.ms': int(60_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Largest consumer.session.timeout.ms that a group may set.',
  }),
  'group.consumer.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Time between the heartbeats that members of consumer groups are told to keep.',
  }),
  'group.consumer.min.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Smallest consumer.heartbeat.interval.ms that a group may set.',
  }),
  'group.consumer.max.heartbeat.interval.ms': int(15_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Largest consumer.heartbeat.interval.ms that a group may set.',
  }),
  'group.consumer.max.size': int(MAX_INT, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Members that a consumer group may have.',
  }),
  'group.consumer.assignors': list('uniform,range', {
    nonEmpty: true,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Assignors of the broker, the first being the default: uniform, range.',
  }),
  'group.consumer.migration.policy': oneOf(
    ['disabled', 'downgrade', 'upgrade', 'bidirectional'],
    'bidirectional',
    {
      anyCase: true,
      importance: 'medium',
      unused: NO_CONSUMER_GROUPS,
      doc: 'Whether groups may move between the classic and the consumer protocol, and in which direction.',
    },
  ),
  'group.consumer.assignment.interval.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_CONSUMER_GROUPS,
    doc: "Time between two computations of a consumer group's assignment.",
  }),
  'group.consumer.min.assignment.interval.ms': int(0, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Smallest consumer.assignment.interval.ms that a group may set.',
  }),
  'group.consumer.max.assignment.interval.ms': int(15_000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    doc: 'Largest consumer.assignment.interval.ms that a group may set.',
  }),
  'group.consumer.regex.refresh.interval.ms': int(600_000, {
    atLeast: 10_000,
    importance: 'medium',
    unused: NO_CONSUMER_GROUPS,
    hidden: true,
    doc: "How often the topics that match a group's pattern are looked up again.",
  }),
  'group.streams.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time without a heartbeat after which a member of a streams group is removed.',
  }),
  'group.streams.min.session.timeout.ms': int(45_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Smallest streams.session.timeout.ms that a group may set.',
  }),
  'group.streams.max.session.timeout.ms': int(60_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Largest streams.session.timeout.ms that a group may set.',
  }),
  'group.streams.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time between the heartbeats that members of streams groups are told to keep.',
  }),
  'group.streams.min.heartbeat.interval.ms': int(5000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Smallest streams.heartbeat.interval.ms that a group may set.',
  }),
  'group.streams.max.heartbeat.interval.ms': int(15_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Largest streams.heartbeat.interval.ms that a group may set.',
  }),
  'group.streams.max.size': int(MAX_INT, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Members that a streams group may have.',
  }),
  'group.streams.num.standby.replicas': int(0, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Standby replicas of each task with state.',
  }),
  'group.streams.max.standby.replicas': int(2, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Largest streams.num.standby.replicas that a group may set.',
  }),
  'group.streams.initial.rebalance.delay.ms': int(3000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Time that a new streams group waits for more members.',
  }),
  'group.streams.assignment.interval.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_STREAMS_GROUPS,
    doc: "Time between two computations of a streams group's assignment.",
  }),
  'group.streams.min.assignment.interval.ms': int(0, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Smallest streams.assignment.interval.ms that a group may set.',
  }),
  'group.streams.max.assignment.interval.ms': int(15_000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_STREAMS_GROUPS,
    doc: 'Largest streams.assignment.interval.ms that a group may set.',
  }),
});
