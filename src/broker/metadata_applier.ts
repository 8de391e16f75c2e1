import type { ConfigsChange, MetadataDelta, TopicChange } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import type { TopicImage } from '../controller/image/topics_image.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import { asPartitionIndex, NO_NODE, type NodeId, type Uuid } from '../model/ids.ts';
import type { Logger } from '../model/ports.ts';
import type { PartitionState } from '../replica/partition_state.ts';
import type { ReplicaManager } from '../replica/replica_manager.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import { type TopicSettings, topicSettings } from '../settings/topic_settings.ts';

export interface MetadataApplierOptions {
  readonly nodeId: NodeId;
  /** Of this run of the process. */
  readonly incarnationId: Uuid;
  readonly node: DynamicSettings;
  readonly replicas: ReplicaManager;
  readonly logger: Logger;
  readonly topicsDeleted: (topics: readonly string[]) => void;
}

/**
 * Has the broker do what the cluster decided: its replicas, the topics' settings, its own settings.
 *
 * What the metadata has this broker lead, it leads only once this process's registration is part of it. Before, the
 * metadata means the process before: whose disk may have been another, with records that this one does not have.
 */
export class MetadataApplier implements MetadataSubscriber {
  readonly #options: MetadataApplierOptions;
  #isRegistered = false;

  constructor(options: MetadataApplierOptions) {
    this.#options = options;
  }

  metadataChanged(delta: MetadataDelta, image: MetadataImage): void {
    // Settings first: what is created next must begin with them.
    this.#applyConfigs(delta.configs, image);
    const isRegisteredNow = !this.#isRegistered && this.#isRegisteredIn(image);
    if (isRegisteredNow) this.#isRegistered = true;
    const deleted: string[] = [];
    for (const topic of delta.topics.values()) {
      this.#applyTopic(topic, image);
      if (topic.deleted) deleted.push(topic.name);
    }
    if (deleted.length > 0) this.#options.topicsDeleted(deleted);
    if (isRegisteredNow) for (const topic of image.topics.all()) this.#assignAll(topic, image);
    if (delta.brokers.size > 0) this.#options.replicas.brokersChanged();
  }

  #isRegisteredIn({ cluster }: MetadataImage): boolean {
    const { nodeId, incarnationId } = this.#options;
    return cluster.brokers.get(nodeId)?.incarnationId === incarnationId;
  }

  leaderChanged(): void {}

  #applyTopic({ id, name, partitions }: TopicChange, image: MetadataImage): void {
    const { nodeId, replicas } = this.#options;
    let settings: TopicSettings | undefined;
    for (const [index, { before, after }] of partitions) {
      const directoryId = after?.directoryOf(nodeId);
      if (after !== undefined && directoryId !== undefined) {
        settings ??= this.#settingsOf(name, image);
        replicas.assign({ topic: name, topicId: id, index, directoryId }, this.#stateOf(after), settings);
      } else if (before?.replicas.includes(nodeId) === true) {
        replicas.remove({ topic: name, topicId: id, index });
      }
    }
  }

  /** Assigns what this broker has of the topic once more. */
  #assignAll({ id, name, partitions }: TopicImage, image: MetadataImage): void {
    const { nodeId, replicas } = this.#options;
    for (const [index, partition] of partitions.entries()) {
      const directoryId = partition.directoryOf(nodeId);
      if (directoryId === undefined) continue;
      const identity = { topic: name, topicId: id, index: asPartitionIndex(index), directoryId };
      replicas.assign(identity, this.#stateOf(partition), this.#settingsOf(name, image));
    }
  }

  #stateOf(partition: PartitionRegistration): PartitionState {
    const isLeader = partition.leader === this.#options.nodeId;
    if (!isLeader || this.#isRegistered) return partition;
    const { leaderEpoch, partitionEpoch, replicas, isr } = partition;
    return { leader: NO_NODE, leaderEpoch, partitionEpoch, replicas, isr };
  }

  #settingsOf(topic: string, image: MetadataImage): TopicSettings {
    const own = image.configs.of({ type: ConfigResourceType.TOPIC, name: topic });
    return topicSettings(this.#options.node.current, own);
  }

  #applyConfigs(changes: Iterable<ConfigsChange>, image: MetadataImage): void {
    const { node, nodeId, replicas, logger } = this.#options;
    const topics = new Set<string>();
    const before = node.current;
    for (const { resource, after } of changes) {
      const { type, name } = resource;
      if (type === ConfigResourceType.TOPIC) topics.add(name);
      if (type !== ConfigResourceType.BROKER || (name !== '' && name !== String(nodeId))) continue;
      const leftOut = node.replace(name === '' ? { cluster: after } : { broker: after });
      for (const reason of leftOut) logger.warn('A setting of the cluster can not be used here', { reason });
    }
    // The brokers' settings are the defaults of the topics'.
    if (node.current !== before) {
      for (const { name } of image.topics.all()) topics.add(name);
      replicas.settingsChanged();
    }
    for (const topic of topics) replicas.configure(topic, this.#settingsOf(topic, image));
  }
}
