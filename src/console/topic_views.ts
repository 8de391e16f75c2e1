import type { FoundOffset } from '../client/list_offsets.ts';
import type { LogBounds } from '../client/log_bounds.ts';
import { partitionKey } from '../client/topic_partition.ts';
import type { TopicImage } from '../controller/image/topics_image.ts';
import { offlineReplicas } from '../handlers/cluster_view.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asPartitionIndex } from '../model/ids.ts';
import { isInternalTopic } from '../model/topic_name.ts';
import { minInsyncReplicas } from '../monitor/cluster_tally.ts';
import { partitionHealth } from '../monitor/partition_health.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import type { Partition, Topic, TopicDetails, TopicRates } from './api/topics.ts';
import type { StoredSizes } from './cluster_facts.ts';
import type { ConsoleNode } from './console_node.ts';

/** What is known of topics besides the metadata. */
export interface TopicFacts {
  readonly node: ConsoleNode;
  readonly sizes: StoredSizes | undefined;
  readonly rates: ReadonlyMap<string, TopicRates> | undefined;
}

const NO_TRAFFIC: TopicRates = { messagesInPerSecond: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0 };

export function topicView({ id, name, partitions }: TopicImage, { node, rates, sizes }: TopicFacts): Topic {
  const { image, parts } = node;
  const minIsr = minInsyncReplicas(image, name, parts.node.current.minInsyncReplicas);
  const tally = { underReplicated: 0, underMinIsr: 0, offline: 0 };
  for (const partition of partitions) {
    const { isOffline, isUnderMinIsr, isUnderReplicated } = partitionHealth(partition, minIsr);
    if (isUnderReplicated) tally.underReplicated++;
    if (isUnderMinIsr) tally.underMinIsr++;
    if (isOffline) tally.offline++;
  }
  const sizeBytes = sizes === undefined ? null : String(sizes.topics.get(name) ?? 0n);
  return {
    name,
    topicId: id,
    isInternal: isInternalTopic(name),
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    ...tally,
    sizeBytes,
    rates: rates === undefined ? null : (rates.get(name) ?? NO_TRAFFIC),
    configs: Object.fromEntries(image.configs.of({ type: ConfigResourceType.TOPIC, name })),
  };
}

export interface TopicDetailFacts extends TopicFacts {
  readonly bounds: ReadonlyMap<string, LogBounds | Failure>;
  /** The first records. */
  readonly times: ReadonlyMap<string, FoundOffset | Failure>;
  readonly groups: readonly string[];
}

export function topicDetails(topic: TopicImage, facts: TopicDetailFacts): TopicDetails {
  const { image, parts } = facts.node;
  return {
    ...topicView(topic, facts),
    partitionDetails: topic.partitions.map((_, index) => partitionView(topic, index, facts)),
    groups: facts.groups,
    minInsyncReplicas: minInsyncReplicas(image, topic.name, parts.node.current.minInsyncReplicas),
  };
}

function partitionView(topic: TopicImage, index: number, facts: TopicDetailFacts): Partition {
  const { node, sizes } = facts;
  const { image, parts } = node;
  const partition = topic.partitions[index]!;
  const key = partitionKey({ topic: topic.name, partition: asPartitionIndex(index) });
  const [bounds, first] = [facts.bounds.get(key), facts.times.get(key)];
  const isKnown = bounds !== undefined && !failed(bounds);
  const size = sizes?.replicas.get(key)?.get(partition.leader);
  const hasFirst = first !== undefined && !failed(first) && first.offset >= 0n;
  const minIsr = minInsyncReplicas(image, topic.name, parts.node.current.minInsyncReplicas);
  const { isOffline, isUnderMinIsr, isUnderReplicated } = partitionHealth(partition, minIsr);
  return {
    partition: index,
    leader: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicas: partition.replicas,
    isr: partition.isr,
    elr: partition.elr,
    offlineReplicas: offlineReplicas(image, partition, node.listenerName),
    addingReplicas: partition.addingReplicas,
    removingReplicas: partition.removingReplicas,
    isOffline,
    isUnderReplicated,
    isUnderMinIsr,
    startOffset: isKnown ? String(bounds.earliest) : null,
    endOffset: isKnown ? String(bounds.latest) : null,
    sizeBytes: size === undefined ? null : String(size),
    earliestTimestampMs: hasFirst ? Number(first.timestamp) : null,
  };
}
