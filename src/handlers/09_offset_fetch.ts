import type { FetchedGroup } from '../group/group_offsets.ts';
import type { OffsetFetch, OffsetFetchRequest } from '../messages/09_offset_fetch.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { asUuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof OffsetFetch)['response']>;
type RequestGroup = OffsetFetchRequest['groups'][number];
type RequestTopic = NonNullable<RequestGroup['topics']>[number];
type FetchedTopic = FetchedGroup['topics'][number];

/** From this version on several groups are asked for at once. */
const FIRST_VERSION_WITH_GROUPS = 8;
/** From this version on topics are named by their ids. */
const FIRST_VERSION_WITH_IDS = 10;
/** From this version on a group's error has a place of its own, and a client may ask for all topics. */
const FIRST_VERSION_WITH_GROUP_ERROR = 2;
const NO_OFFSET = -1n;

/** Tells what groups have committed. */
export async function handleOffsetFetch(
  request: OffsetFetchRequest,
  { apiVersion }: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const { groupId, topics, requireStable } = request;
  if (apiVersion >= FIRST_VERSION_WITH_GROUPS) {
    const byId = apiVersion >= FIRST_VERSION_WITH_IDS;
    const fetchGroup = byId ? fetchById : fetchByName;
    const groups = await Promise.all(request.groups.map(group => fetchGroup(group, requireStable, services)));
    return { topics: [], groups };
  }
  const asked = topics?.map(topic => ({ ...topic, topicId: ZERO_UUID })) ?? null;
  const fetched = await services.groups.fetchOffsets({ groupId, topics: asked, requireStable });
  const errorCode = fetched.errorCode as ErrorCode;
  if (errorCode === Errors.NONE)
    return { topics: fetched.topics as Response['topics'], errorCode, groups: [] };
  // The oldest clients look for the error at the partitions alone.
  const isToldByPartition = apiVersion < FIRST_VERSION_WITH_GROUP_ERROR && topics !== null;
  return {
    topics: isToldByPartition ? topics.map(topic => refuse(topic, errorCode)) : [],
    errorCode,
    groups: [],
  };
}

function fetchByName(
  { groupId, topics }: RequestGroup,
  requireStable: boolean,
  { groups }: BrokerServices,
): Promise<FetchedGroup> {
  return groups.fetchOffsets({ groupId, topics, requireStable });
}

async function fetchById(
  { groupId, topics }: RequestGroup,
  requireStable: boolean,
  { groups, metadata }: BrokerServices,
): Promise<FetchedGroup> {
  const images = metadata.image.topics;
  const asked = topics?.map(topic => ({ ...topic, name: images.byId(asUuid(topic.topicId))?.name }));
  const known = asked?.filter((topic): topic is typeof topic & { name: string } => topic.name !== undefined);
  const fetched = await groups.fetchOffsets({ groupId, topics: known ?? null, requireStable });
  if (fetched.errorCode !== Errors.NONE) return fetched;
  if (asked === undefined) return { ...fetched, topics: withIds(fetched.topics, images) };
  let at = 0;
  const answered = asked.map((topic): FetchedTopic => {
    if (topic.name === undefined) return refuse({ ...topic, name: '' }, Errors.UNKNOWN_TOPIC_ID);
    return { ...fetched.topics[at++]!, topicId: topic.topicId };
  });
  return { ...fetched, topics: answered };
}

/** A topic that was deleted has no id any more: it is left out. */
function withIds(
  topics: readonly FetchedTopic[],
  images: BrokerServices['metadata']['image']['topics'],
): FetchedTopic[] {
  const named: FetchedTopic[] = [];
  for (const topic of topics) {
    const image = images.byName(topic.name ?? '');
    if (image !== undefined) named.push({ ...topic, topicId: image.id });
  }
  return named;
}

function refuse(
  { name, topicId, partitionIndexes }: Pick<RequestTopic, 'name' | 'partitionIndexes'> & { topicId?: string },
  errorCode: ErrorCode,
) {
  return {
    name,
    ...(topicId === undefined ? {} : { topicId }),
    partitions: partitionIndexes.map(partitionIndex => ({
      partitionIndex,
      committedOffset: NO_OFFSET,
      metadata: '',
      errorCode,
    })),
  };
}
