import { clusterTally } from '../cluster_tally.ts';
import { counter, gauge, type MetricFamily, NO_LABELS } from '../metric.ts';
import { isActiveController, type NodeSource } from '../scrape_source.ts';

/**
 * The cluster as its controller sees it. What there is once in a cluster is 0 at every node but the active controller,
 * so that sums over nodes are right.
 */
export function* controllerMetrics(source: NodeSource): Iterable<MetricFamily> {
  const { parts, watch, clock } = source;
  const isActive = isActiveController(source);
  const tally = isActive
    ? clusterTally(parts.metadata.image, parts.node.current.minInsyncReplicas)
    : undefined;
  const one = (name: string, help: string, value: number | bigint) =>
    gauge({ name: `kafka_controller_kafkacontroller_${name}`, help }, value);
  yield one('activecontrollercount', '1 at the active controller.', Number(isActive));
  yield one('offlinepartitionscount', 'Partitions without a leader.', tally?.offline ?? 0);
  yield one(
    'preferredreplicaimbalancecount',
    'Partitions that another than their preferred replica leads.',
    tally?.offPreferred ?? 0,
  );
  yield one('globaltopiccount', 'Topics.', tally?.topics ?? 0);
  yield one('globalpartitioncount', 'Partitions.', tally?.partitions ?? 0);
  yield one('activebrokercount', 'Brokers that take part.', tally?.activeBrokers ?? 0);
  yield one('fencedbrokercount', 'Brokers that are registered and fenced.', tally?.fencedBrokers ?? 0);
  const { status } = parts.quorum;
  const { lastOffset } = parts.metadata.image;
  yield one('lastappliedrecordoffset', 'Last metadata record that was applied.', lastOffset);
  yield one(
    'lastcommittedrecordoffset',
    'Last metadata record that was committed.',
    (status.highWatermark ?? 0n) - 1n,
  );
  const isCurrent = lastOffset + 1n >= (status.highWatermark ?? 0n);
  yield one(
    'lastappliedrecordlagms',
    'How long this node has not applied records that it knows to be committed.',
    isCurrent ? 0 : clock.monotonicMs() - watch.changedMs,
  );
  yield one(
    'timedoutbrokerheartbeatcount',
    'Brokers that were fenced because they were not heard of.',
    watch.timedOutBrokers,
  );
  yield one(
    'metadataerrorcount',
    'Metadata records that could not be understood: the node ends at the first.',
    0,
  );
  const stats = 'kafka_controller_controllerstats';
  yield counter(
    { name: `${stats}_uncleanleaderelections`, help: 'Elections of leaders that may have lost records.' },
    watch.uncleanElections,
  );
  yield {
    name: `${stats}_leaderelectionrateandtimems`,
    type: 'summary',
    help: 'Elections of leaders.',
    samples: [{ suffix: '_count', labels: NO_LABELS, value: watch.elections }],
  };
}
