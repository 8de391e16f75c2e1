import type { BrokerParts } from '../../broker/broker_parts.ts';
import type { LogDirectoryDescription } from '../../log/directories/log_directories.ts';
import { counters, gauge, gauges, type Labels, type MetricFamily, type Sample } from '../metric.ts';
import type { NodeSource } from '../scrape_source.ts';

/** Kafka's numbers of a broker's states. */
const BROKER_STATES = {
  notRunning: 0,
  starting: 1,
  recovery: 2,
  running: 3,
  pendingControlledShutdown: 6,
  shuttingDown: 7,
} as const;

/** The state of the broker, its listeners and its log directories. */
export function* serverMetrics(source: NodeSource): Iterable<MetricFamily> {
  const { parts } = source;
  yield brokerState(brokerStateOf(parts));
  yield* connectionMetrics(parts);
  yield* directoryMetrics(parts.directories.describe());
  const { image } = parts.metadata;
  yield gauge(
    {
      name: 'kafka_server_brokermetadatametrics_last_applied_record_offset',
      help: 'Offset of the last metadata record that this node has acted on.',
    },
    image.lastOffset,
  );
}

export function brokerState(state: number = BROKER_STATES.starting): MetricFamily {
  const help = '1 starting, 2 in recovery, 3 running, 6 handing leaderships over, 7 shutting down.';
  return gauge({ name: 'kafka_server_kafkaserver_brokerstate', help }, state);
}

function brokerStateOf({ state, lifecycle }: BrokerParts): number {
  if (lifecycle?.state === 'draining') return BROKER_STATES.pendingControlledShutdown;
  if (state === 'stopping') return BROKER_STATES.shuttingDown;
  if (state === 'starting' || lifecycle?.state === 'registering') return BROKER_STATES.starting;
  return lifecycle?.state === 'fenced' ? BROKER_STATES.recovery : BROKER_STATES.running;
}

function* connectionMetrics({ listeners }: BrokerParts): Iterable<MetricFamily> {
  const prefix = 'kafka_server_socket_server_metrics';
  const traffic = [...listeners.traffic];
  const of = (pick: (each: (typeof traffic)[number]) => number): Sample[] =>
    traffic.map(each => ({ labels: listenerLabels(each.listenerName), value: pick(each) }));
  yield gauges(
    { name: `${prefix}_connection_count`, help: 'Open connections.' },
    of(each => each.accepted - each.closed),
  );
  yield counters(
    { name: `${prefix}_connection_creation`, help: 'Connections that were accepted.' },
    of(each => each.accepted),
  );
  yield counters(
    { name: `${prefix}_connection_close`, help: 'Connections that ended.' },
    of(each => each.closed),
  );
  yield counters(
    { name: `${prefix}_connection_refused`, help: 'Connections beyond the limits.' },
    of(each => each.refused),
  );
  yield counters(
    { name: `${prefix}_incoming_byte`, help: 'Bytes of requests that were answered.' },
    of(each => each.incomingBytes),
  );
  yield counters(
    { name: `${prefix}_outgoing_byte`, help: 'Bytes of responses.' },
    of(each => each.outgoingBytes),
  );
  yield gauges(
    { name: `${prefix}_connections_software`, help: 'Open connections by the software of the client.' },
    softwareSamples(listeners),
  );
}

/** Names and versions come from clients: those beyond this are counted together. */
const MAX_SOFTWARE = 100;

function softwareSamples(listeners: BrokerParts['listeners']): Sample[] {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  for (const { softwareName, softwareVersion, listenerName } of listeners.clients()) {
    const name = `${softwareName} ${softwareVersion} ${listenerName}`;
    const isKept = counts.has(name) || counts.size < MAX_SOFTWARE;
    const key = isKept ? name : `other ${listenerName}`;
    const found = counts.get(key);
    if (found !== undefined) {
      found.value++;
      continue;
    }
    const labels = {
      clientSoftwareName: isKept ? softwareName : 'other',
      clientSoftwareVersion: isKept ? softwareVersion : 'other',
      ...listenerLabels(listenerName),
    };
    counts.set(key, { labels, value: 1 });
  }
  return [...counts.values()];
}

function listenerLabels(listener: string): Labels {
  return { listener, networkProcessor: '0' };
}

function* directoryMetrics(directories: readonly LogDirectoryDescription[]): Iterable<MetricFamily> {
  yield gauge(
    { name: 'kafka_log_logmanager_offlinelogdirectorycount', help: 'Log directories that failed.' },
    directories.filter(({ failure }) => failure !== undefined).length,
  );
  yield gauges(
    { name: 'kafka_log_logmanager_logdirectoryoffline', help: '1 where a log directory failed.' },
    directories.map(({ path, failure }) => ({
      labels: { logDirectory: path },
      value: Number(failure !== undefined),
    })),
  );
  const spaces = directories.flatMap(({ path, space }) => (space === undefined ? [] : [{ path, space }]));
  yield gauges(
    { name: 'odradek_log_directory_total_bytes', help: 'Size of the file system of a log directory.' },
    spaces.map(({ path, space }) => ({ labels: { logDirectory: path }, value: space.totalBytes })),
  );
  yield gauges(
    { name: 'odradek_log_directory_usable_bytes', help: 'Room that is left in a log directory.' },
    spaces.map(({ path, space }) => ({ labels: { logDirectory: path }, value: space.usableBytes })),
  );
}
