import type { PartitionRegistration } from '../../controller/image/partition_registration.ts';
import type { PartitionLog } from '../../log/partition_log.ts';
import type { Partition } from '../../replica/partition.ts';
import { counter, gauge, gauges, type Labels, type MetricFamily, type Sample } from '../metric.ts';
import { type PartitionHealth, partitionHealth } from '../partition_health.ts';
import type { NodeSource } from '../scrape_source.ts';

/** A replica on this node. */
interface Replica {
  readonly partition: Partition;
  /** As the metadata has it; undefined in the moment in which the topic goes. */
  readonly registration: PartitionRegistration | undefined;
}

/** The replicas of this node, the partitions that it leads, and their logs. */
export function* replicaMetrics(source: NodeSource): Iterable<MetricFamily> {
  yield* managerMetrics(source);
  yield* partitionMetrics(source);
  yield* logMetrics(source);
}

function* replicas({ parts }: NodeSource): Iterable<Replica> {
  const { topics } = parts.metadata.image;
  for (const partition of parts.replicas.partitions()) {
    const registration = topics.byName(partition.topic)?.partitions[partition.index];
    yield { partition, registration };
  }
}

function healthOf({ partition, registration }: Replica): PartitionHealth | undefined {
  if (registration === undefined || !partition.isLeader) return undefined;
  return partitionHealth(registration, partition.config.minInsyncReplicas);
}

function* managerMetrics(source: NodeSource): Iterable<MetricFamily> {
  const counts = {
    partitions: 0,
    leaders: 0,
    offline: 0,
    underReplicated: 0,
    underMin: 0,
    atMin: 0,
    moving: 0,
  };
  for (const replica of replicas(source)) {
    counts.partitions++;
    if (replica.partition.isOffline) counts.offline++;
    const health = healthOf(replica);
    if (health === undefined) continue;
    counts.leaders++;
    if (health.isUnderReplicated) counts.underReplicated++;
    if (health.isUnderMinIsr) counts.underMin++;
    if (health.isAtMinIsr) counts.atMin++;
    if (health.isReassigning) counts.moving++;
  }
  const { isrShrinks, isrExpands } = source.watch;
  const one = (name: string, help: string, value: number) =>
    gauge({ name: `kafka_server_replicamanager_${name}`, help }, value);
  yield one('partitioncount', 'Replicas on this node.', counts.partitions);
  yield one('leadercount', 'Partitions that this node leads.', counts.leaders);
  yield one('offlinereplicacount', 'Replicas on this node that can not be used.', counts.offline);
  yield one(
    'underreplicatedpartitions',
    'Led partitions that miss in-sync replicas.',
    counts.underReplicated,
  );
  yield one(
    'underminisrpartitioncount',
    'Led partitions with less than min.insync.replicas in sync.',
    counts.underMin,
  );
  yield one('atminisrpartitioncount', 'Led partitions with just min.insync.replicas in sync.', counts.atMin);
  yield one('reassigningpartitions', 'Led partitions whose replicas are being moved.', counts.moving);
  const shrinks = { name: 'kafka_server_replicamanager_isrshrinks', help: 'In-sync replicas lost.' };
  yield counter(shrinks, isrShrinks);
  const expands = { name: 'kafka_server_replicamanager_isrexpands', help: 'In-sync replicas gained.' };
  yield counter(expands, isrExpands);
}

type Measure = (replica: Replica, health: PartitionHealth | undefined) => number;

const PARTITION_GAUGES: readonly (readonly [name: string, help: string, measure: Measure])[] = [
  [
    'underreplicated',
    '1 where this node leads and in-sync replicas are missing.',
    (_, health) => Number(health?.isUnderReplicated ?? false),
  ],
  [
    'underminisr',
    '1 where this node leads and less than min.insync.replicas are in sync.',
    (_, health) => Number(health?.isUnderMinIsr ?? false),
  ],
  [
    'atminisr',
    '1 where this node leads and just min.insync.replicas are in sync.',
    (_, health) => Number(health?.isAtMinIsr ?? false),
  ],
  [
    'replicascount',
    'Replicas of the partitions that this node leads, 0 of others.',
    ({ registration }, health) => (health === undefined ? 0 : registration!.replicas.length),
  ],
  [
    'insyncreplicascount',
    'In-sync replicas of the partitions that this node leads, 0 of others.',
    ({ registration }, health) => (health === undefined ? 0 : registration!.isr.length),
  ],
  [
    'laststableoffsetlag',
    'Records that open transactions keep from consumers.',
    ({ partition: { log } }, health) =>
      health === undefined || log === undefined ? 0 : Number(log.highWatermark - log.lastStableOffset),
  ],
];

function* partitionMetrics(source: NodeSource): Iterable<MetricFamily> {
  const samples = function* (measure: Measure): Iterable<Sample> {
    for (const replica of replicas(source)) {
      yield { labels: labelsOf(replica.partition), value: measure(replica, healthOf(replica)) };
    }
  };
  for (const [name, help, measure] of PARTITION_GAUGES) {
    yield gauges({ name: `kafka_cluster_partition_${name}`, help }, samples(measure));
  }
}

const LOG_GAUGES: readonly (readonly [name: string, help: string, (log: PartitionLog) => number | bigint])[] =
  [
    ['size', 'Bytes of the log on disk.', log => log.sizeBytes],
    ['logstartoffset', 'First offset of the log.', log => log.logStartOffset],
    ['logendoffset', 'Offset behind the last record of the log.', log => log.endOffset],
    ['numlogsegments', 'Segments of the log.', log => log.segmentCount],
  ];

function* logMetrics(source: NodeSource): Iterable<MetricFamily> {
  const samples = function* (measure: (log: PartitionLog) => number | bigint): Iterable<Sample> {
    for (const { partition } of replicas(source)) {
      if (partition.log !== undefined) yield { labels: labelsOf(partition), value: measure(partition.log) };
    }
  };
  for (const [name, help, measure] of LOG_GAUGES) {
    yield gauges({ name: `kafka_log_log_${name}`, help }, samples(measure));
  }
}

function labelsOf({ topic, index }: Partition): Labels {
  return { topic, partition: String(index) };
}
