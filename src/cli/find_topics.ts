import type { ClusterClient } from '../client/cluster_client.ts';
import type { TopicMetadata } from '../client/cluster_metadata.ts';
import type { TopicPartition } from '../client/topic_partition.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, type PartitionIndex } from '../model/ids.ts';
import { parsePartitions } from './parse.ts';

/** All topics of the cluster, by name. */
export async function allTopics(client: ClusterClient): Promise<TopicMetadata[] | Failure> {
  const failure = await client.refreshAllTopics();
  if (failure !== undefined) return failure;
  return [...client.metadata.topics.values()]
    .filter(({ errorCode }) => errorCode === Errors.NONE)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The topics of these names; the failure of the first that is not there, at once. */
export async function findTopics(
  client: ClusterClient,
  names: readonly string[],
): Promise<TopicMetadata[] | Failure> {
  for (const name of names) client.watchTopic(name);
  const failure = await client.refreshMetadata();
  if (failure !== undefined) return failure;
  const topics: TopicMetadata[] = [];
  for (const name of names) {
    const topic = client.metadata.topic(name);
    if (topic === undefined || topic.errorCode !== Errors.NONE) return noTopic(name, topic);
    topics.push(topic);
  }
  return topics;
}

function noTopic(name: string, topic: TopicMetadata | undefined): Failure {
  const code = topic?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (code === Errors.UNKNOWN_TOPIC_OR_PARTITION) return new Failure(code, `There is no topic "${name}"`);
  if (code === Errors.INVALID_TOPIC_EXCEPTION) {
    return new Failure(
      code,
      `"${name}" is no name of a topic: letters, digits, ".", "_" and "-" are, 249 of them at most`,
    );
  }
  return new Failure(code, `The topic "${name}" can not be used now`);
}

/** The partitions of a topic: all, or those that the user names. */
export function choosePartitions(
  topic: TopicMetadata,
  wanted: string | undefined,
): TopicPartition[] | Failure {
  const all = topic.partitions.map(({ partition }) => ({ topic: topic.name, partition }));
  if (wanted === undefined) return all;
  const numbers = parsePartitions(wanted);
  if (failed(numbers)) return numbers;
  const missing = numbers.find(number => topic.partitions[number] === undefined);
  if (missing !== undefined) return noPartition(topic, missing);
  return numbers.map(partition => ({ topic: topic.name, partition }));
}

function noPartition({ name, partitions }: TopicMetadata, missing: PartitionIndex): Failure {
  return new Failure(
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    `The topic "${name}" has no partition ${missing}: it has ${partitions.length}, from 0 on`,
  );
}

/** `topic` or `topic:0,2-4`: partitions of a topic, as groups' and cluster's commands take them. */
export async function partitionsOf(
  client: ClusterClient,
  texts: readonly string[],
): Promise<TopicPartition[] | Failure> {
  const chosen: TopicPartition[] = [];
  for (const text of texts) {
    const at = text.indexOf(':');
    const topics = await findTopics(client, [at < 0 ? text : text.slice(0, at)]);
    if (failed(topics)) return topics;
    const partitions = choosePartitions(topics[0]!, at < 0 ? undefined : text.slice(at + 1));
    if (failed(partitions)) return partitions;
    chosen.push(
      ...partitions.map(({ partition, topic }) => ({ topic, partition: asPartitionIndex(partition) })),
    );
  }
  return chosen;
}
