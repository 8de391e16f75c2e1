import type { PartitionIndex } from '../model/ids.ts';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: PartitionIndex;
}

/** The partition as the key of a map, and as people write it: `topic-0`. No two partitions share one. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** Puts what belongs to partitions under their topics, as requests want it; the order stays. */
export function groupByTopic<T extends TopicPartition>(items: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const group = topics.get(item.topic);
    if (group === undefined) topics.set(item.topic, [item]);
    else group.push(item);
  }
  return topics;
}
