/* Replicas, leaders, and who stands where. */

import { replicaSelector } from '../parsers.ts';
import { boolean, custom, int, long, MAX_LONG, string, table } from '../setting.ts';
import { NO_BUFFERS, NO_PURGATORY, NO_THREADS, NO_TIERING } from './unused.ts';

export const REPLICATION_SETTINGS = table({
  'broker.rack': string(null, {
    importance: 'medium',
    doc: 'Where this broker stands, a rack, zone or machine: replicas are spread over racks, and consumers may read from their own.',
  }),
  'default.replication.factor': int(1, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Replicas of a topic that is created without a count of its own.',
  }),
  'min.insync.replicas': int(1, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'In-sync replicas that a partition needs before it accepts records sent with acks=all.',
  }),
  'replica.lag.time.max.ms': long(30_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'A follower that has not been caught up for this long leaves the in-sync replicas.',
  }),
  'replica.socket.timeout.ms': int(30_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time that a follower waits for the answer to a fetch.',
  }),
  'replica.socket.receive.buffer.bytes': int(65_536, {
    importance: 'high',
    unused: NO_BUFFERS,
    doc: 'Size of the receive buffer of the connections over which replicas are fetched.',
  }),
  'replica.fetch.max.bytes': int(1_048_576, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Bytes that a follower asks for per partition in one fetch; a larger first batch is returned all the same.',
  }),
  'replica.fetch.wait.max.ms': int(500, {
    atLeast: 0,
    importance: 'high',
    doc: "Time that the leader may hold a follower's fetch back to gather data.",
  }),
  'replica.fetch.backoff.ms': int(1000, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Pause of a follower after a failed fetch.',
  }),
  'replica.fetch.min.bytes': int(1, {
    atLeast: 0,
    importance: 'high',
    doc: "Bytes that the leader gathers before it answers a follower's fetch, unless the wait ends first.",
  }),
  'replica.fetch.response.max.bytes': int(10_485_760, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Bytes that a follower asks for in one fetch over all partitions.',
  }),
  'num.replica.fetchers': int(1, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Connections over which replicas are fetched from each leader, one request at a time on each.',
  }),
  'num.replica.alter.log.dirs.threads': int(null, {
    importance: 'high',
    unused: NO_THREADS,
    doc: 'Threads that move replicas between log directories.',
  }),
  'replica.high.watermark.checkpoint.interval.ms': long(5000, {
    atLeast: 1,
    importance: 'high',
    doc: 'How often the high watermarks are written to replication-offset-checkpoint.',
  }),
  'replica.selector.class': custom('string', null, replicaSelector, {
    importance: 'medium',
    doc: "How a consumer's nearest replica is chosen: the only class known is org.apache.kafka.common.replica.RackAwareReplicaSelector.",
  }),
  'fetch.purgatory.purge.interval.requests': int(1000, {
    importance: 'medium',
    unused: NO_PURGATORY,
    doc: 'Completed fetches after which the list of waiting ones is cleaned.',
  }),
  'producer.purgatory.purge.interval.requests': int(1000, {
    importance: 'medium',
    unused: NO_PURGATORY,
    doc: 'Completed produce requests after which the list of waiting ones is cleaned.',
  }),
  'delete.records.purgatory.purge.interval.requests': int(1, {
    importance: 'medium',
    unused: NO_PURGATORY,
    doc: 'Completed delete-records requests after which the list of waiting ones is cleaned.',
  }),
  'auto.leader.rebalance.enable': boolean(true, {
    importance: 'high',
    doc: 'Whether the controller gives partitions back to their preferred leaders by itself.',
  }),
  'leader.imbalance.check.interval.seconds': long(300, {
    atLeast: 1,
    importance: 'high',
    doc: 'How often the controller looks for partitions that their preferred leader does not lead.',
  }),
  'unclean.leader.election.interval.ms': long(300_000, {
    atLeast: 1,
    importance: 'medium',
    hidden: true,
    doc: 'How often the controller looks for partitions that need an unclean election, where that is allowed.',
  }),
  'unclean.leader.election.enable': boolean(false, {
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Whether a replica that is not in sync may become leader when no other is left, at the price of losing records.',
  }),
  'controlled.shutdown.enable': boolean(true, {
    importance: 'medium',
    doc: 'Whether a broker hands its leaderships over before it stops.',
  }),
  'follower.fetch.last.tiered.offset.enable': boolean(false, {
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_TIERING,
    doc: 'Whether an empty follower starts at the last offset of tiered storage.',
  }),
  'leader.replication.throttled.rate': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    hidden: true,
    doc: 'Bytes a second that this broker sends as leader to throttled replicas; set at run time.',
  }),
  'follower.replication.throttled.rate': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    hidden: true,
    doc: 'Bytes a second that this broker fetches as follower for throttled replicas; set at run time.',
  }),
  'replica.alter.log.dirs.io.max.bytes.per.second': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    hidden: true,
    doc: 'Bytes a second at which replicas move between log directories of this broker; set at run time.',
  }),
  'self.healing.enable': boolean(true, {
    importance: 'medium',
    update: 'cluster-wide',
    ours: true,
    doc: 'Whether replicas of brokers that stay dead are rebuilt on others, and brokers that have almost none get their share. Each move is listed and can be given up like any reassignment.',
  }),
  'self.healing.dead.ms': long(600_000, {
    atLeast: 1000,
    importance: 'medium',
    update: 'cluster-wide',
    ours: true,
    doc: 'A broker that has been out for this long is dead: its replicas are rebuilt elsewhere. One that has been in for this long may be given replicas.',
  }),
  'self.healing.fill.enable': boolean(true, {
    importance: 'low',
    update: 'cluster-wide',
    ours: true,
    doc: 'Whether a broker with less than half of the average number of replicas is given some of the others.',
  }),
  'self.healing.concurrent.moves': int(10, {
    atLeast: 1,
    importance: 'medium',
    update: 'cluster-wide',
    ours: true,
    doc: 'Partitions that are moved at the same time, those that a person moves among them; with as many under way no move begins by itself.',
  }),
  'self.healing.interval.ms': long(5000, {
    atLeast: 100,
    importance: 'low',
    update: 'cluster-wide',
    ours: true,
    doc: 'How often the active controller looks whether replicas should move.',
  }),
});
