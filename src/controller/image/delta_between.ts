import type { PartitionIndex } from '../../model/ids.ts';
import type { Properties } from '../../settings/values.ts';
import { encodeMetadataRecord, type MetadataRecord } from '../metadata_record.ts';
import type { ClusterImage } from './cluster_image.ts';
import type { ConfigsImage } from './configs_image.ts';
import type { FeaturesImage } from './features_image.ts';
import { MetadataDelta } from './metadata_delta.ts';
import type { MetadataImage } from './metadata_image.ts';
import type { TopicsImage } from './topics_image.ts';

/** What turns one image into the other, for when there are no records to tell it: after a snapshot was loaded. */
export function deltaBetween(before: MetadataImage, after: MetadataImage): MetadataDelta {
  const delta = new MetadataDelta();
  compareFeatures(before.features, after.features, delta);
  compareCluster(before, after, delta);
  compareTopics(before.topics, after.topics, delta);
  compareConfigs(before.configs, after.configs, delta);
  return delta;
}

function compareFeatures(before: FeaturesImage, after: FeaturesImage, delta: MetadataDelta): void {
  for (const name of new Set([...before.levels.keys(), ...after.levels.keys()])) {
    if (before.levelOf(name) !== after.levelOf(name)) {
      delta.featureChanged(name, before.levelOf(name), after.levelOf(name));
    }
  }
}

function compareCluster(before: MetadataImage, after: MetadataImage, delta: MetadataDelta): void {
  const unchanged = unchangedNodes(before, after);
  const oldCluster = before.cluster;
  const newCluster = after.cluster;
  for (const id of new Set([...oldCluster.brokers.keys(), ...newCluster.brokers.keys()])) {
    if (!unchanged.has(`RegisterBrokerRecord ${id}`)) {
      delta.brokerChanged(id, oldCluster.brokers.get(id), newCluster.brokers.get(id));
    }
  }
  for (const id of new Set([...oldCluster.controllers.keys(), ...newCluster.controllers.keys()])) {
    if (!unchanged.has(`RegisterControllerRecord ${id}`)) {
      delta.controllerChanged(id, oldCluster.controllers.get(id), newCluster.controllers.get(id));
    }
  }
}

/** The registrations that are the same to the byte in both images, as type and id. */
function unchangedNodes(before: MetadataImage, after: MetadataImage): ReadonlySet<string> {
  const old = new Map(registrations(before.cluster, after));
  return new Set(
    [...registrations(after.cluster, after)]
      .filter(([key, bytes]) => old.get(key)?.equals(bytes))
      .map(([key]) => key),
  );
}

function* registrations(
  cluster: ClusterImage,
  { metadataVersion }: MetadataImage,
): Iterable<[string, Buffer]> {
  if (metadataVersion === undefined) return;
  for (const record of cluster.records(metadataVersion)) {
    yield [`${record.type} ${nodeOf(record)}`, encodeMetadataRecord(record)];
  }
}

function nodeOf(record: MetadataRecord): number {
  if (record.type === 'RegisterBrokerRecord') return record.value.brokerId;
  return record.type === 'RegisterControllerRecord' ? record.value.controllerId : -1;
}

function compareTopics(before: TopicsImage, after: TopicsImage, delta: MetadataDelta): void {
  for (const topic of before.all()) {
    if (after.byId(topic.id) === undefined) delta.topicDeleted(topic);
  }
  for (const topic of after.all()) {
    const old = before.byId(topic.id);
    if (old === undefined) delta.topicCreated(topic);
    topic.partitions.forEach((partition, index) => {
      const oldPartition = old?.partitions[index];
      if (oldPartition?.equals(partition)) return;
      delta.partitionChanged(topic, index as PartitionIndex, oldPartition, partition);
    });
  }
}

function compareConfigs(before: ConfigsImage, after: ConfigsImage, delta: MetadataDelta): void {
  for (const resource of before.resources()) {
    const old = before.of(resource);
    const now = after.of(resource);
    if (!sameConfigs(old, now)) delta.configsChanged(resource, old, now);
  }
  for (const resource of after.resources()) {
    const old = before.of(resource);
    if (old.size === 0) delta.configsChanged(resource, old, after.of(resource));
  }
}

function sameConfigs(left: Properties, right: Properties): boolean {
  return left.size === right.size && [...left].every(([name, value]) => right.get(name) === value);
}
