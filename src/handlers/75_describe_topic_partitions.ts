import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import type {
  DescribeTopicPartitions,
  DescribeTopicPartitionsRequest,
} from '../messages/75_describe_topic_partitions.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { NO_NODE } from '../model/ids.ts';
import { isInternalTopic, topicNameProblem } from '../model/topic_name.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { OPERATIONS_NOT_ASKED_FOR, TOPIC_OPERATIONS } from './authorized_operations.ts';
import type { BrokerServices } from './broker_services.ts';
import { brokerNode, offlineReplicas } from './cluster_view.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeTopicPartitions)['response']>;
type TopicResponse = Response['topics'][number];

/** Describes partitions page by page, topics by their names: a page ends with the cursor of the next. */
export async function handleDescribeTopicPartitions(
  request: DescribeTopicPartitionsRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  await services.neighbours.certain();
  return describeTopicPartitions(request, context, services);
}

function describeTopicPartitions(
  request: DescribeTopicPartitionsRequest,
  { client }: RequestContext,
  services: BrokerServices,
): Response {
  const { image } = services.metadata;
  const { cursor, responsePartitionLimit } = request;
  const isForAll = request.topics.length === 0;
  const named = isForAll
    ? Array.from(image.topics.all(), topic => topic.name)
    : request.topics.map(topic => topic.name);
  const names = [...new Set(named)].filter(name => name >= (cursor?.topicName ?? '')).sort(byCodeUnits);
  if (cursor !== null && (cursor.partitionIndex < 0 || (!isForAll && !names.includes(cursor.topicName)))) {
    const refused = named.map(name => failedTopic(name, Errors.INVALID_REQUEST));
    return {
      topics: refused.map(each => ({ ...each, topicAuthorizedOperations: OPERATIONS_NOT_ASKED_FOR })),
    };
  }
  const limit = services.settings.maxRequestPartitionSizeLimit;
  let room = Math.max(1, Math.min(limit, responsePartitionLimit));
  const topics: TopicResponse[] = [];
  for (const name of names) {
    const start = cursor?.topicName === name ? cursor.partitionIndex : 0;
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: start } };
    const topic = image.topics.byName(name);
    if (topic === undefined) {
      const isIllegal = topicNameProblem(name) !== undefined;
      if (isForAll) continue;
      topics.push(
        failedTopic(name, isIllegal ? Errors.INVALID_TOPIC_EXCEPTION : Errors.UNKNOWN_TOPIC_OR_PARTITION),
      );
      continue;
    }
    const page = topic.partitions.slice(start, start + room);
    topics.push({
      ...failedTopic(name, Errors.NONE),
      topicId: topic.id,
      partitions: page.map((each, at) => describe(image, each, start + at, client.listenerName)),
    });
    room -= page.length;
    if (start + page.length < topic.partitions.length) {
      return { topics, nextCursor: { topicName: name, partitionIndex: start + page.length } };
    }
  }
  return { topics };
}

const byCodeUnits = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

function failedTopic(name: string, errorCode: ErrorCode): TopicResponse {
  return {
    errorCode,
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  };
}

function describe(
  image: MetadataImage,
  partition: PartitionRegistration,
  partitionIndex: number,
  listenerName: string,
): TopicResponse['partitions'][number] {
  const { leader, leaderEpoch, replicas, isr, elr, lastKnownElr } = partition;
  return {
    errorCode: Errors.NONE,
    partitionIndex,
    leaderId: brokerNode(image, leader, listenerName) === undefined ? NO_NODE : leader,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    eligibleLeaderReplicas: elr,
    lastKnownElr,
    offlineReplicas: offlineReplicas(image, partition, listenerName),
  };
}
