import { isActive } from '../controller/image/broker_registration.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import { partitionHealth } from './partition_health.ts';

/** The cluster in numbers, by the metadata. */
export interface ClusterTally {
  readonly topics: number;
  readonly partitions: number;
  readonly offline: number;
  readonly underReplicated: number;
  readonly underMinIsr: number;
  readonly offPreferred: number;
  readonly activeBrokers: number;
  readonly fencedBrokers: number;
}

export function clusterTally(image: MetadataImage, defaultMinIsr: number): ClusterTally {
  const tally = { offline: 0, underReplicated: 0, underMinIsr: 0, offPreferred: 0 };
  for (const topic of image.topics.all()) {
    const minIsr = minInsyncReplicas(image, topic.name, defaultMinIsr);
    for (const partition of topic.partitions) {
      const health = partitionHealth(partition, minIsr);
      if (health.isOffline) tally.offline++;
      if (health.isUnderReplicated) tally.underReplicated++;
      if (health.isUnderMinIsr) tally.underMinIsr++;
      if (health.isOffPreferred) tally.offPreferred++;
    }
  }
  const brokers = [...image.cluster.brokers.values()];
  return {
    ...tally,
    topics: image.topics.size,
    partitions: image.topics.partitionCount,
    activeBrokers: brokers.filter(isActive).length,
    fencedBrokers: brokers.filter(({ fenced }) => fenced).length,
  };
}

/** The topic's `min.insync.replicas`; the brokers' where it has none of its own. */
export function minInsyncReplicas(image: MetadataImage, topic: string, defaultMinIsr: number): number {
  const own = image.configs.of({ type: ConfigResourceType.TOPIC, name: topic }).get('min.insync.replicas');
  return own === undefined ? defaultMinIsr : Number(own);
}
