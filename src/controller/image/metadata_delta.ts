import type { NodeId, PartitionIndex, Uuid } from '../../model/ids.ts';
import type { ConfigResource } from '../../settings/config_resource.ts';
import type { Properties } from '../../settings/values.ts';
import type { BrokerRegistration } from './broker_registration.ts';
import type { ControllerRegistration } from './cluster_image.ts';
import type { PartitionRegistration } from './partition_registration.ts';
import type { TopicImage } from './topics_image.ts';

/** What something was before and is after a delta: undefined where it was not or is not there. Never both. */
export interface Change<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

export interface TopicChange {
  readonly id: Uuid;
  readonly name: string;
  readonly created: boolean;
  readonly deleted: boolean;
  /** The partitions that changed, by index; of a deleted topic, all. */
  readonly partitions: ReadonlyMap<PartitionIndex, Change<PartitionRegistration>>;
}

export interface PartitionChange extends Change<PartitionRegistration> {
  readonly topicId: Uuid;
  readonly topicName: string;
  readonly index: PartitionIndex;
}

export interface ConfigsChange {
  readonly resource: ConfigResource;
  readonly before: Properties;
  readonly after: Properties;
}

interface MutableTopicChange extends TopicChange {
  created: boolean;
  deleted: boolean;
  readonly partitions: Map<PartitionIndex, Change<PartitionRegistration>>;
}

/** What a group of records changed in an image; several changes of one thing are one, from the first to the last. */
export class MetadataDelta {
  readonly #topics = new Map<Uuid, MutableTopicChange>();
  readonly #brokers = new Map<NodeId, Change<BrokerRegistration>>();
  readonly #controllers = new Map<NodeId, Change<ControllerRegistration>>();
  readonly #configs = new Map<string, ConfigsChange>();
  readonly #features = new Map<string, { readonly before: number; readonly after: number }>();

  /** By id: a topic that was deleted and created again under its name is here twice. */
  get topics(): ReadonlyMap<Uuid, TopicChange> {
    return this.#topics;
  }

  get brokers(): ReadonlyMap<NodeId, Change<BrokerRegistration>> {
    return this.#brokers;
  }

  get controllers(): ReadonlyMap<NodeId, Change<ControllerRegistration>> {
    return this.#controllers;
  }

  get configs(): Iterable<ConfigsChange> {
    return this.#configs.values();
  }

  /** Levels by feature; 0 is a feature that is off. */
  get features(): ReadonlyMap<string, { readonly before: number; readonly after: number }> {
    return this.#features;
  }

  get isEmpty(): boolean {
    return (
      this.#topics.size === 0 &&
      this.#brokers.size === 0 &&
      this.#controllers.size === 0 &&
      this.#configs.size === 0 &&
      this.#features.size === 0
    );
  }

  *partitions(): Iterable<PartitionChange> {
    for (const topic of this.#topics.values()) {
      for (const [index, change] of topic.partitions) {
        yield { topicId: topic.id, topicName: topic.name, index, before: change.before, after: change.after };
      }
    }
  }

  topicCreated(topic: TopicImage): void {
    this.#topic(topic).created = true;
  }

  topicDeleted(topic: TopicImage): void {
    const change = this.#topic(topic);
    if (change.created) {
      this.#topics.delete(topic.id);
      return;
    }
    change.deleted = true;
    topic.partitions.forEach((partition, index) => {
      combine(change.partitions, index as PartitionIndex, partition, undefined);
    });
  }

  partitionChanged(
    topic: TopicImage,
    index: PartitionIndex,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration,
  ): void {
    combine(this.#topic(topic).partitions, index, before, after);
  }

  brokerChanged(
    id: NodeId,
    before: BrokerRegistration | undefined,
    after: BrokerRegistration | undefined,
  ): void {
    combine(this.#brokers, id, before, after);
  }

  controllerChanged(
    id: NodeId,
    before: ControllerRegistration | undefined,
    after: ControllerRegistration | undefined,
  ): void {
    combine(this.#controllers, id, before, after);
  }

  configsChanged(resource: ConfigResource, before: Properties, after: Properties): void {
    const key = `${resource.type}:${resource.name}`;
    this.#configs.set(key, { resource, before: this.#configs.get(key)?.before ?? before, after });
  }

  featureChanged(name: string, before: number, after: number): void {
    this.#features.set(name, { before: this.#features.get(name)?.before ?? before, after });
  }

  #topic(topic: TopicImage): MutableTopicChange {
    let change = this.#topics.get(topic.id);
    if (change === undefined) {
      change = { id: topic.id, name: topic.name, created: false, deleted: false, partitions: new Map() };
      this.#topics.set(topic.id, change);
    }
    return change;
  }
}

function combine<Key, T>(
  changes: Map<Key, Change<T>>,
  key: Key,
  before: T | undefined,
  after: T | undefined,
): void {
  const first = changes.get(key);
  const start = first === undefined ? before : first.before;
  if (start === undefined && after === undefined) changes.delete(key);
  else changes.set(key, { before: start, after });
}
