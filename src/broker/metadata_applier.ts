import type { ConfigsChange, MetadataDelta, TopicChange } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import type { NodeId } from '../model/ids.ts';
import type { Logger } from '../model/ports.ts';
import type { ReplicaManager } from '../replica/replica_manager.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import { type TopicSettings, topicSettings } from '../settings/topic_settings.ts';

export interface MetadataApplierOptions {
  readonly nodeId: NodeId;
  readonly node: DynamicSettings;
  readonly replicas: ReplicaManager;
  readonly logger: Logger;
  readonly topicsDeleted: (topics: readonly string[]) => void;
}

/** Has the broker do what the cluster decided: its replicas, the topics' settings, its own settings. */
export class MetadataApplier implements MetadataSubscriber {
  readonly #options: MetadataApplierOptions;

  constructor(options: MetadataApplierOptions) {
    this.#options = options;
  }

  metadataChanged(delta: MetadataDelta, image: MetadataImage): void {
    // Settings first: what is created next must begin with them.
    this.#applyConfigs(delta.configs, image);
    const deleted: string[] = [];
    for (const topic of delta.topics.values()) {
      this.#applyTopic(topic, image);
      if (topic.deleted) deleted.push(topic.name);
    }
    if (deleted.length > 0) this.#options.topicsDeleted(deleted);
    if (delta.brokers.size > 0) this.#options.replicas.brokersChanged();
  }

  leaderChanged(): void {}

  #applyTopic({ id, name, partitions }: TopicChange, image: MetadataImage): void {
    const { nodeId, replicas } = this.#options;
    let settings: TopicSettings | undefined;
    for (const [index, { before, after }] of partitions) {
      const directoryId = after?.directoryOf(nodeId);
      if (after !== undefined && directoryId !== undefined) {
        settings ??= this.#settingsOf(name, image);
        replicas.assign({ topic: name, topicId: id, index, directoryId }, after, settings);
      } else if (before?.replicas.includes(nodeId) === true) {
        replicas.remove({ topic: name, topicId: id, index });
      }
    }
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
