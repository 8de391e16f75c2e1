import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, asUuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { Partition } from '../replica/partition.ts';
import type { BrokerServices } from './broker_services.ts';

/**
 * The name of the topic that a request means: by its id where it gives one.
 * @returns UNKNOWN_TOPIC_ID
 */
export function topicNameOf(name: string, topicId: string, { metadata }: BrokerServices): string | Failure {
  if (topicId === ZERO_UUID && name !== '') return name;
  const topic = metadata.image.topics.byId(asUuid(topicId));
  if (topic !== undefined) return topic.name;
  return new Failure(
    Errors.UNKNOWN_TOPIC_ID,
    `There is no topic with the id ${topicId}: refresh the metadata`,
  );
}

/**
 * The partition that a request means, if this broker has a replica of it.
 * @returns UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER when it exists on other brokers only
 */
export function findPartition(
  topic: string,
  index: number,
  { metadata, replicas }: BrokerServices,
): Partition | Failure {
  const partition = replicas.partition(topic, asPartitionIndex(index));
  if (!failed(partition)) return partition;
  if (metadata.image.topics.byName(topic)?.partitions[index] === undefined) {
    return new Failure(
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
      `There is no partition ${topic}-${index}, as far as this broker knows`,
    );
  }
  return new Failure(
    Errors.NOT_LEADER_OR_FOLLOWER,
    `This broker has no replica of ${topic}-${index}: refresh the metadata`,
  );
}
