import type { OffsetCommit, OffsetCommitRequest } from '../messages/08_offset_commit.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { asUuid } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof OffsetCommit)['response']>;
type TopicResponse = Response['topics'][number];
type RequestTopic = OffsetCommitRequest['topics'][number];

/** From this version on topics are named by their ids. */
const FIRST_VERSION_WITH_IDS = 10;

/** Stores offsets of a group, for the partitions that there are. */
export async function handleOffsetCommit(
  request: OffsetCommitRequest,
  { apiVersion }: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const byId = apiVersion >= FIRST_VERSION_WITH_IDS;
  const checked = request.topics.map(topic => check(topic, byId, services));
  const known = checked.map(({ known: topic }) => topic).filter(topic => topic !== undefined);
  if (known.length === 0) return { topics: checked.map(({ refused }) => refused) };
  const committed = await services.groups.commitOffsets({ ...request, topics: known }, apiVersion);
  if (failed(committed)) {
    return { topics: request.topics.map(topic => refuse(topic, committed.code)) };
  }
  let at = 0;
  const topics = checked.map(({ known: topic, refused }) => {
    if (topic === undefined) return refused;
    return { ...refused, partitions: [...refused.partitions, ...committed.topics[at++]!.partitions] };
  });
  return { topics };
}

/** A topic of a request: the partitions of it that there are, by the topic's name, and the response of the others. */
interface CheckedTopic {
  readonly known: RequestTopic | undefined;
  readonly refused: TopicResponse;
}

function check(topic: RequestTopic, byId: boolean, { metadata }: BrokerServices): CheckedTopic {
  const { topics } = metadata.image;
  const found = byId ? topics.byId(asUuid(topic.topicId)) : topics.byName(topic.name);
  if (found === undefined) {
    const code = byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    return { known: undefined, refused: refuse(topic, code) };
  }
  const isThere = ({ partitionIndex }: { partitionIndex: number }) =>
    found.partitions[partitionIndex] !== undefined;
  const partitions = topic.partitions.filter(isThere);
  const missing = { ...topic, partitions: topic.partitions.filter(each => !isThere(each)) };
  return {
    known: partitions.length === 0 ? undefined : { name: found.name, topicId: found.id, partitions },
    refused: refuse(missing, Errors.UNKNOWN_TOPIC_OR_PARTITION),
  };
}

function refuse({ name, topicId, partitions }: RequestTopic, errorCode: ErrorCode): TopicResponse {
  return {
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  };
}
