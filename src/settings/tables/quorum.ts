/* Roles of nodes, the quorum of controllers, and the metadata log. */

import { hostPorts, listenerNames, quorumVoters } from '../parsers.ts';
import { boolean, custom, int, list, long, MAX_LONG, string, table } from '../setting.ts';
import {
  NO_APPEND_LINGER,
  NO_REGISTRATION_TIMEOUT,
  NO_SAMPLING,
  NO_START_LIMIT,
  NO_UNSTABLE,
} from './unused.ts';

export const QUORUM_SETTINGS = table({
  'process.roles': list('broker,controller', {
    of: ['broker', 'controller'],
    nonEmpty: true,
    importance: 'high',
    doc: 'What this node is: broker, controller or both.',
  }),
  'node.id': int(1, {
    atLeast: 0,
    importance: 'high',
    doc: 'Id of this node in the cluster; broker.id is an older name of it.',
  }),
  'broker.id': int(-1, {
    importance: 'high',
    doc: 'Older name of node.id; where both are set they must be equal.',
  }),
  'controller.listener.names': custom('list', 'CONTROLLER', listenerNames, {
    importance: 'high',
    doc: 'Listeners of the controllers; a broker uses the first to reach them.',
  }),
  'controller.quorum.voters': custom('list', '', quorumVoters, {
    importance: 'high',
    doc: 'The controllers that vote, as id@host:port. Without it and controller.quorum.bootstrap.servers, a node whose process.roles are not set either is the only voter of its own quorum.',
  }),
  'controller.quorum.bootstrap.servers': custom('list', '', hostPorts, {
    importance: 'high',
    doc: 'Controllers to ask for the current voters, as host:port, where the voters are kept in the metadata.',
  }),
  'controller.quorum.auto.join.enable': boolean(false, {
    importance: 'low',
    doc: 'Whether a controller that is no voter makes itself one.',
  }),
  'controller.quorum.election.timeout.ms': int(1000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time without votes after which a candidate begins a new election.',
  }),
  'controller.quorum.fetch.timeout.ms': int(1000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time without an answer from the leader after which a voter stands for election; a leader without fetches from a majority for this long steps down.',
  }),
  'controller.quorum.election.backoff.max.ms': int(1000, {
    atLeast: 0,
    importance: 'high',
    doc: 'Most that a candidate waits at random before it stands again.',
  }),
  'controller.quorum.append.linger.ms': int(25, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_APPEND_LINGER,
    doc: 'Time that the leader gathers records before it writes them, unless someone waits.',
  }),
  'controller.quorum.request.timeout.ms': int(2000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Time that a request of the quorum may take before it counts as failed.',
  }),
  'controller.quorum.retry.backoff.ms': int(20, {
    atLeast: 0,
    importance: 'low',
    doc: 'Pause before a failed request of the quorum is sent again.',
  }),
  'controller.quorum.fetch.max.bytes': int(1_048_576, {
    atLeast: 1,
    importance: 'low',
    doc: 'Most bytes that one fetch of metadata records asks for.',
  }),
  'controller.quorum.fetch.snapshot.max.bytes': int(1_048_576, {
    atLeast: 1,
    importance: 'low',
    doc: 'Most bytes that one fetch of a metadata snapshot asks for.',
  }),
  'controller.socket.timeout.ms': int(30_000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Time that a request of a broker to the controller may take.',
  }),
  'controller.performance.sample.period.ms': long(60_000, {
    atLeast: 100,
    importance: 'medium',
    unused: NO_SAMPLING,
    hidden: true,
    doc: "Period of the controller's log of slow events.",
  }),
  'controller.performance.always.log.threshold.ms': long(2000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_SAMPLING,
    hidden: true,
    doc: 'Duration above which the controller logs an event.',
  }),
  'initial.broker.registration.timeout.ms': int(60_000, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_REGISTRATION_TIMEOUT,
    doc: 'A broker that could not register with the controller for this long stops.',
  }),
  'broker.heartbeat.interval.ms': int(400, {
    atLeast: 1,
    importance: 'medium',
    doc: 'How often a broker sends a heartbeat to the controller.',
  }),
  'broker.session.timeout.ms': int(2000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Time without a heartbeat after which the controller fences a broker; it sees a process that is gone sooner.',
  }),
  'server.max.startup.time.ms': long(MAX_LONG, {
    atLeast: 0,
    importance: 'medium',
    unused: NO_START_LIMIT,
    hidden: true,
    doc: 'Time that the start may take.',
  }),
  'metadata.log.dir': string(null, {
    importance: 'high',
    doc: 'Directory of the metadata log; without it, the first of the log directories.',
  }),
  'metadata.log.max.record.bytes.between.snapshots': long(20_971_520, {
    atLeast: 1,
    importance: 'high',
    doc: 'Bytes of metadata records after which a snapshot is written.',
  }),
  'metadata.log.max.snapshot.interval.ms': long(3_600_000, {
    atLeast: 0,
    importance: 'high',
    doc: 'Time after which a snapshot is written if there are new records; 0 for none by time.',
  }),
  'metadata.log.segment.bytes': int(1_073_741_824, {
    atLeast: 8_388_608,
    importance: 'high',
    doc: 'Size at which a segment of the metadata log is closed.',
  }),
  'metadata.log.segment.ms': long(604_800_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Age at which a segment of the metadata log is closed.',
  }),
  'metadata.max.retention.bytes': long(104_857_600, {
    atLeast: -1,
    importance: 'high',
    doc: 'Size of the metadata log and its snapshots above which the oldest are deleted.',
  }),
  'metadata.max.retention.ms': long(604_800_000, {
    atLeast: -1,
    importance: 'high',
    doc: 'Age at which segments and snapshots of the metadata log are deleted.',
  }),
  'metadata.max.idle.interval.ms': int(500, {
    atLeast: 0,
    importance: 'low',
    doc: 'The active controller writes a record that does nothing when it was idle for this long; 0 for never.',
  }),
  'internal.metadata.log.segment.bytes': int(null, {
    atLeast: 1,
    importance: 'low',
    hidden: true,
    doc: 'Size of a segment of the metadata log, below the bound of metadata.log.segment.bytes, for tests.',
  }),
  'internal.metadata.max.batch.size.in.bytes': int(8_388_608, {
    atLeast: 1,
    importance: 'low',
    hidden: true,
    doc: 'Largest batch of metadata records.',
  }),
  'internal.metadata.delete.delay.millis': long(60_000, {
    atLeast: 0,
    importance: 'low',
    hidden: true,
    doc: 'Time between renaming deleted files of the metadata log and removing them.',
  }),
  'unstable.api.versions.enable': boolean(false, {
    importance: 'high',
    unused: NO_UNSTABLE,
    hidden: true,
    doc: 'Whether versions of APIs that may still change are offered.',
  }),
  'unstable.feature.versions.enable': boolean(false, {
    importance: 'high',
    unused: NO_UNSTABLE,
    hidden: true,
    doc: 'Whether versions of features that may still change are offered.',
  }),
});
