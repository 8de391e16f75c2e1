import { isActive } from '../../controller/image/broker_registration.ts';
import type { PartitionRegistration } from '../../controller/image/partition_registration.ts';
import { formatHostPort } from '../../settings/address.ts';
import type { ClusterOffsets, PartitionOffsets } from '../cluster_offsets.ts';
import { gauge, gauges, type Labels, type MetricFamily, type Sample } from '../metric.ts';
import { partitionHealth } from '../partition_health.ts';
import type { NodeSource } from '../scrape_source.ts';

/**
 * The cluster under the names of Kafka Exporter: exported by the active controller alone, because dashboards add up
 * what they find.
 */
export function* exporterMetrics(source: NodeSource, offsets: ClusterOffsets): Iterable<MetricFamily> {
  yield* brokerMetrics(source);
  yield* partitionMetrics(source, offsets);
  yield* groupMetrics(offsets);
}

function* brokerMetrics({ parts }: NodeSource): Iterable<MetricFamily> {
  const { image } = parts.metadata;
  const brokers = [...image.cluster.brokers.values()].filter(isActive);
  yield gauge({ name: 'kafka_brokers', help: 'Brokers that take part.' }, brokers.length);
  yield gauges(
    { name: 'kafka_broker_info', help: 'A broker and where it listens.' },
    brokers.map(({ id, listeners }) => ({
      labels: { id: String(id), address: listeners[0] === undefined ? '' : formatHostPort(listeners[0]) },
      value: 1,
    })),
  );
}

type Measure = (
  partition: PartitionRegistration,
  offsets: PartitionOffsets | undefined,
) => number | bigint | undefined;

const PARTITION_GAUGES: readonly (readonly [name: string, help: string, measure: Measure])[] = [
  ['current_offset', 'Offset behind the last record.', (_, offsets) => offsets?.end],
  ['oldest_offset', 'Offset of the first record.', (_, offsets) => offsets?.oldest],
  ['in_sync_replica', 'In-sync replicas.', ({ isr }) => isr.length],
  ['leader', 'Node that leads; -1 for none.', ({ leader }) => leader],
  [
    'leader_is_preferred',
    '1 where the preferred replica leads.',
    ({ leader, replicas }) => Number(leader === replicas[0]),
  ],
  ['replicas', 'Replicas.', ({ replicas }) => replicas.length],
  [
    'under_replicated_partition',
    '1 where in-sync replicas are missing.',
    partition => Number(partitionHealth(partition, 1).isUnderReplicated),
  ],
];

function* partitionMetrics({ parts }: NodeSource, offsets: ClusterOffsets): Iterable<MetricFamily> {
  const { topics } = parts.metadata.image;
  const counts = function* (): Iterable<Sample> {
    for (const { name, partitions } of topics.all()) {
      yield { labels: { topic: name }, value: partitions.length };
    }
  };
  yield gauges({ name: 'kafka_topic_partitions', help: 'Partitions of a topic.' }, counts());
  const samples = function* (measure: Measure): Iterable<Sample> {
    for (const { name, partitions } of topics.all()) {
      for (const [index, partition] of partitions.entries()) {
        const value = measure(partition, offsets.of(name, index));
        if (value !== undefined) yield { labels: { topic: name, partition: String(index) }, value };
      }
    }
  };
  for (const [name, help, measure] of PARTITION_GAUGES) {
    yield gauges({ name: `kafka_topic_partition_${name}`, help }, samples(measure));
  }
}

function* groupMetrics(offsets: ClusterOffsets): Iterable<MetricFamily> {
  const groups = [...offsets.groups.values()];
  const partitions = function* (pick: 'offset' | 'lag'): Iterable<Sample> {
    for (const group of groups) {
      for (const each of offsets.lagOf(group)) {
        const value = each[pick];
        if (value === undefined) continue;
        const labels = { consumergroup: group.id, topic: each.topic, partition: String(each.partition) };
        yield { labels, value };
      }
    }
  };
  const sums = function* (pick: 'offset' | 'lag'): Iterable<Sample> {
    for (const group of groups) {
      const byTopic = new Map<string, bigint>();
      for (const each of offsets.lagOf(group)) {
        byTopic.set(each.topic, (byTopic.get(each.topic) ?? 0n) + (each[pick] ?? 0n));
      }
      for (const [topic, value] of byTopic) {
        const labels: Labels = { consumergroup: group.id, topic };
        yield { labels, value };
      }
    }
  };
  const family = (name: string, help: string, samples: Iterable<Sample>) =>
    gauges({ name: `kafka_consumergroup_${name}`, help }, samples);
  yield family('current_offset', 'Committed offset.', partitions('offset'));
  yield family('current_offset_sum', "Committed offsets of a topic's partitions, added up.", sums('offset'));
  yield family('lag', 'Records behind the committed offset.', partitions('lag'));
  yield family('lag_sum', "Records behind the committed offsets of a topic's partitions.", sums('lag'));
  yield family(
    'members',
    'Members of a group.',
    groups.map(({ id, members }) => ({ labels: { consumergroup: id }, value: members })),
  );
}
