/* Listeners, connections and requests. */

import { connectionBounds, listenerAddresses, securityProtocolMap } from '../parsers.ts';
import { custom, int, list, long, MAX_INT, oneOf, string, table } from '../setting.ts';
import { NO_BACKLOG, NO_BUFFERS, NO_EARLY, NO_THREADS } from './unused.ts';

export const NETWORK_SETTINGS = table({
  listeners: custom('list', 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093', listenerAddresses, {
    importance: 'high',
    update: 'per-broker',
    doc: 'Addresses that this node listens on, as NAME://host:port; an empty host stands for every interface, port 0 for any free port.',
  }),
  'advertised.listeners': custom('list', null, listenerAddresses, {
    importance: 'high',
    doc: 'Addresses that clients and other brokers are told to connect to, where these differ from the listeners.',
  }),
  'listener.security.protocol.map': custom(
    'string',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    securityProtocolMap,
    {
      importance: 'low',
      update: 'per-broker',
      doc: 'Which security protocol each listener name speaks, as NAME:PROTOCOL pairs; controller listeners are PLAINTEXT unless stated.',
    },
  ),
  'inter.broker.listener.name': string(null, {
    importance: 'medium',
    doc: 'Listener on which brokers talk to each other; without it, the one named after security.inter.broker.protocol.',
  }),
  'security.inter.broker.protocol': oneOf(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], 'PLAINTEXT', {
    importance: 'medium',
    doc: 'Security protocol between brokers, where inter.broker.listener.name is not set.',
  }),
  'early.start.listeners': list(null, {
    importance: 'high',
    unused: NO_EARLY,
    doc: 'Listeners that accept connections before the authorizer has loaded its state.',
  }),
  'socket.send.buffer.bytes': int(102_400, {
    importance: 'high',
    unused: NO_BUFFERS,
    doc: "Size of the send buffer of an accepted socket (SO_SNDBUF); -1 leaves the system's.",
  }),
  'socket.receive.buffer.bytes': int(102_400, {
    importance: 'high',
    unused: NO_BUFFERS,
    doc: "Size of the receive buffer of an accepted socket (SO_RCVBUF); -1 leaves the system's.",
  }),
  'socket.request.max.bytes': int(104_857_600, {
    atLeast: 1,
    importance: 'high',
    doc: 'Largest request that is read from a connection; a larger one closes it.',
  }),
  'socket.listen.backlog.size': int(50, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_BACKLOG,
    doc: 'Connections that the system may hold in the queue of a listening socket before they are accepted.',
  }),
  'socket.connection.setup.timeout.ms': long(10_000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Time that a connection to another node may take to be established.',
  }),
  'socket.connection.setup.timeout.max.ms': long(30_000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Bound for the time to establish a connection, as it grows with each failure in a row.',
  }),
  'max.connections.per.ip': int(MAX_INT, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Connections that one address may hold open; further ones are closed at once.',
  }),
  'max.connections.per.ip.overrides': custom('string', '', connectionBounds, {
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Other bounds for single addresses, as address:count pairs.',
  }),
  'max.connections': int(MAX_INT, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Connections that the broker holds open over all of its listeners; listener.name.<listener>.max.connections bounds one listener.',
  }),
  'max.connection.creation.rate': int(MAX_INT, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'New connections a second that the broker accepts.',
  }),
  'connections.max.idle.ms': long(600_000, {
    importance: 'medium',
    doc: 'A connection without a request for this long is closed.',
  }),
  'connection.failed.authentication.delay.ms': int(100, {
    atLeast: 0,
    importance: 'low',
    doc: 'Delay before a connection that failed to authenticate is closed, which slows guessing down.',
  }),
  'queued.max.requests': int(500, {
    atLeast: 1,
    importance: 'high',
    doc: 'Requests that may wait in the broker before it reads no more from its connections.',
  }),
  'queued.max.request.bytes': long(-1, {
    importance: 'medium',
    doc: 'Bytes of requests that may wait in the broker before it reads no more; -1 for no such bound.',
  }),
  'request.timeout.ms': int(30_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time that a request to another node may take before it counts as failed.',
  }),
  'num.network.threads': int(3, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    unused: NO_THREADS,
    doc: 'Threads that read requests and write responses.',
  }),
  'num.io.threads': int(8, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    unused: NO_THREADS,
    doc: 'Threads that process requests.',
  }),
  'background.threads': int(10, {
    atLeast: 1,
    importance: 'high',
    update: 'cluster-wide',
    unused: NO_THREADS,
    doc: 'Threads for the work that goes on in the background.',
  }),
  'fetch.max.bytes': int(57_671_680, {
    atLeast: 1024,
    importance: 'medium',
    doc: 'Most bytes that one fetch response holds; a first batch that is larger is still returned.',
  }),
  'max.incremental.fetch.session.cache.slots': int(1000, {
    atLeast: 0,
    importance: 'medium',
    doc: 'Incremental fetch sessions that the broker keeps.',
  }),
  'max.request.partition.size.limit': int(2000, {
    atLeast: 1,
    importance: 'medium',
    doc: 'Most partitions that one request for descriptions of topic partitions is answered with.',
  }),
});
