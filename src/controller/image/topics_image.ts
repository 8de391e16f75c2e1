import { assert } from '../../model/assert.ts';
import { asPartitionIndex, type PartitionIndex, type Uuid } from '../../model/ids.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import type { MetadataVersion } from '../metadata_version.ts';
import type { MetadataDelta } from './metadata_delta.ts';
import { PartitionRegistration } from './partition_registration.ts';

/** A topic with its partitions. */
export interface TopicImage {
  readonly id: Uuid;
  readonly name: string;
  /** By index. Complete, but for the time between two records of one batch. */
  readonly partitions: readonly PartitionRegistration[];
}

interface Topic extends TopicImage {
  readonly partitions: PartitionRegistration[];
}

/** Topic names that differ only in `.` and `_` have the same form: some metrics can't tell them apart. */
export const collisionForm = (name: string): string => name.replaceAll('.', '_');

export class TopicsImage {
  readonly #byId = new Map<Uuid, Topic>();
  readonly #byName = new Map<string, Topic>();
  /** The names that contain `.` or `_`, by {@link collisionForm}. Clusters from before the check may have several. */
  readonly #colliding = new Map<string, readonly string[]>();
  #partitionCount = 0;

  get size(): number {
    return this.#byId.size;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  byId(id: Uuid): TopicImage | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): TopicImage | undefined {
    return this.#byName.get(name);
  }

  all(): Iterable<TopicImage> {
    return this.#byId.values();
  }

  /** A topic whose name differs from `name` only in `.` and `_`. */
  collidingWith(name: string): string | undefined {
    return this.#colliding.get(collisionForm(name))?.find(other => other !== name);
  }

  /** Calls for each partition that there is, topic by topic. */
  forEachPartition(
    visit: (partition: PartitionRegistration, index: PartitionIndex, topic: TopicImage) => void,
  ): void {
    for (const topic of this.#byId.values()) {
      topic.partitions.forEach((partition, index) => {
        visit(partition, asPartitionIndex(index), topic);
      });
    }
  }

  /** Costs a few words per partition: the registrations themselves are shared. */
  clone(): TopicsImage {
    const clone = new TopicsImage();
    for (const topic of this.#byId.values()) {
      clone.#add({ id: topic.id, name: topic.name, partitions: [...topic.partitions] });
    }
    clone.#partitionCount = this.#partitionCount;
    return clone;
  }

  addTopic(record: MetadataRecordValue<'TopicRecord'>, delta: MetadataDelta | undefined): void {
    const { name } = record;
    const id = record.topicId as Uuid;
    assert(!this.#byName.has(name), `topic ${name} is created, and there is one of that name`);
    assert(!this.#byId.has(id), `topic ${name} is created with the id ${id} of another topic`);
    const topic: Topic = { id, name, partitions: [] };
    this.#add(topic);
    delta?.topicCreated(topic);
  }

  removeTopic(
    record: MetadataRecordValue<'RemoveTopicRecord'>,
    delta: MetadataDelta | undefined,
  ): TopicImage {
    const topic = this.#topic(record.topicId as Uuid);
    this.#byId.delete(topic.id);
    this.#byName.delete(topic.name);
    const form = collisionForm(topic.name);
    const others = this.#colliding.get(form)?.filter(name => name !== topic.name) ?? [];
    if (others.length > 0) this.#colliding.set(form, others);
    else this.#colliding.delete(form);
    for (const partition of topic.partitions) if (partition !== undefined) this.#partitionCount--;
    delta?.topicDeleted(topic);
    return topic;
  }

  setPartition(record: MetadataRecordValue<'PartitionRecord'>, delta: MetadataDelta | undefined): void {
    const topic = this.#topic(record.topicId as Uuid);
    const index = asPartitionIndex(record.partitionId);
    assert(index >= 0, `topic ${topic.name} gets a partition ${index}`);
    if (topic.partitions[index] === undefined) this.#partitionCount++;
    this.#replace(topic, index, PartitionRegistration.fromRecord(record), delta);
  }

  changePartition(
    record: MetadataRecordValue<'PartitionChangeRecord'>,
    delta: MetadataDelta | undefined,
  ): void {
    const topic = this.#topic(record.topicId as Uuid);
    const index = asPartitionIndex(record.partitionId);
    const before = topic.partitions[index];
    assert(before !== undefined, `a record changes partition ${topic.name}-${index}, which is not there`);
    this.#replace(topic, index, before.merge(record), delta);
  }

  /** Drops the eligible leader replicas of a topic, or of all for an empty name. */
  clearElr(record: MetadataRecordValue<'ClearElrRecord'>, delta: MetadataDelta | undefined): void {
    const one = this.#byName.get(record.topicName);
    assert(
      record.topicName === '' || one !== undefined,
      `a record changes topic ${record.topicName}, which is not there`,
    );
    for (const topic of one === undefined ? this.#byId.values() : [one]) {
      topic.partitions.forEach((partition, index) => {
        if (partition.elr.length === 0 && partition.lastKnownElr.length === 0) return;
        this.#replace(topic, asPartitionIndex(index), partition.withoutElr(), delta);
      });
    }
  }

  *records(metadataVersion: MetadataVersion): Iterable<MetadataRecord> {
    for (const { id, name, partitions } of this.#byId.values()) {
      yield metadataRecord('TopicRecord', 0, { topicId: id, name });
      for (let index = 0; index < partitions.length; index++) {
        const partition = partitions[index];
        if (partition !== undefined) yield partition.toRecord(id, asPartitionIndex(index), metadataVersion);
      }
    }
  }

  #add(topic: Topic): void {
    this.#byId.set(topic.id, topic);
    this.#byName.set(topic.name, topic);
    if (!/[._]/.test(topic.name)) return;
    const form = collisionForm(topic.name);
    this.#colliding.set(form, [...(this.#colliding.get(form) ?? []), topic.name]);
  }

  #topic(id: Uuid): Topic {
    const topic = this.#byId.get(id);
    assert(topic !== undefined, `a record changes the topic with the id ${id}, which is not there`);
    return topic;
  }

  #replace(
    topic: Topic,
    index: PartitionIndex,
    after: PartitionRegistration,
    delta: MetadataDelta | undefined,
  ): void {
    delta?.partitionChanged(topic, index, topic.partitions[index], after);
    topic.partitions[index] = after;
  }
}
