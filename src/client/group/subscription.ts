import { ConsumerProtocolAssignment } from '../../messages/consumer_protocol/consumer_protocol_assignment.ts';
import { ConsumerProtocolSubscription } from '../../messages/consumer_protocol/consumer_protocol_subscription.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import { decodeVersioned, encodeVersioned } from '../../protocol/stored.ts';
import { groupByTopic, type TopicPartition } from '../topic_partition.ts';

/*
 * What members of a consumer group tell each other through the coordinator, which does not look into it: what they
 * subscribe to, and what the leader assigns them.
 */

/** The newest that Kafka's clients of today write. */
const VERSION = 3;

export interface Subscription {
  readonly topics: readonly string[];
  /** What the member reads now and would like to keep. */
  readonly ownedPartitions: readonly TopicPartition[];
  /** Of the rebalance in which it got these; -1 for none. */
  readonly generation: number;
}

export function encodeSubscription({ generation, ownedPartitions, topics }: Subscription): Buffer {
  return encodeVersioned(ConsumerProtocolSubscription, VERSION, {
    topics: [...topics].sort(),
    ownedPartitions: byTopic(ownedPartitions),
    generationId: generation,
  });
}

/** @returns the failures of {@link decodeVersioned}: another client's version, or bytes that are none */
export function decodeSubscription(bytes: Buffer): Subscription | Failure {
  const decoded = decodeVersioned(ConsumerProtocolSubscription, bytes);
  if (failed(decoded)) return decoded;
  const { generationId, ownedPartitions, topics } = decoded.value;
  return { topics, generation: generationId, ownedPartitions: flat(ownedPartitions) };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return encodeVersioned(ConsumerProtocolAssignment, VERSION, { assignedPartitions: byTopic(partitions) });
}

export function decodeAssignment(bytes: Buffer): TopicPartition[] | Failure {
  // A member that the leader did not think of gets no bytes.
  if (bytes.length === 0) return [];
  const decoded = decodeVersioned(ConsumerProtocolAssignment, bytes);
  return failed(decoded) ? decoded : flat(decoded.value.assignedPartitions);
}

function byTopic(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return Array.from(groupByTopic(partitions), ([topic, group]) => ({
    topic,
    partitions: group.map(({ partition }) => partition),
  }));
}

function flat(topics: readonly { topic: string; partitions: readonly number[] }[]): TopicPartition[] {
  return topics.flatMap(({ partitions, topic }) =>
    partitions.map(partition => ({ topic, partition: asPartitionIndex(partition) })),
  );
}
