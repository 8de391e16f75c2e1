import { OffsetCommit } from '../../messages/08_offset_commit.ts';
import { OffsetFetch, type OffsetFetchResponse } from '../../messages/09_offset_fetch.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asLeaderEpoch, asOffset, asPartitionIndex, type LeaderEpoch, type Offset } from '../../model/ids.ts';
import { ZERO_UUID } from '../../model/uuid.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { groupByTopic, partitionKey, type TopicPartition } from '../topic_partition.ts';

/** How far a group has come in a partition: the offset of the next record. */
export interface GroupOffset extends TopicPartition {
  readonly offset: Offset;
  /** Of the record before; -1 where it is not known. */
  readonly leaderEpoch?: LeaderEpoch;
  readonly metadata?: string | null;
}

/** For whom offsets are committed: a member in a generation, or someone outside for a group without members. */
export interface Committer {
  readonly groupId: string;
  readonly generation?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
}

/** From these versions on a request names topics by id, or several groups. */
const FIRST_COMMIT_BY_ID = 10;
const FIRST_FETCH_BY_ID = 10;
const FIRST_FETCH_OF_GROUPS = 8;
const FIRST_FETCH_OF_STABLE = 7;
const FIRST_COMMIT_WITH_INSTANCE = 7;

/**
 * Commits a group's offsets.
 * @returns the failures by {@link partitionKey}, none when all were committed; or the one of the whole request, such
 *   as UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS for a member that is none any more
 */
export async function commitOffsets(
  client: ClusterClient,
  { generation = -1, groupId, groupInstanceId = null, memberId = '' }: Committer,
  offsets: readonly GroupOffset[],
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Map<string, Failure> | Failure> {
  const topics = groupByTopic(offsets);
  const ids = topicIds(client, topics.keys());
  const response = await client.request(
    { coordinatorOf: { type: 'group', key: groupId } },
    OffsetCommit,
    version => ({
      groupId,
      generationIdOrMemberEpoch: generation,
      memberId,
      groupInstanceId: version >= FIRST_COMMIT_WITH_INSTANCE ? groupInstanceId : null,
      topics: Array.from(topics, ([name, partitions]) => ({
        name,
        topicId: ids.get(name) ?? ZERO_UUID,
        partitions: partitions.map(({ leaderEpoch, metadata, offset, partition }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedLeaderEpoch: leaderEpoch ?? -1,
          committedMetadata: metadata ?? '',
        })),
      })),
    }),
    {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(ids.size < topics.size && { maxVersion: FIRST_COMMIT_BY_ID - 1 }),
      errorOf: answer => {
        const codes = answer.topics.flatMap(topic => topic.partitions.map(({ errorCode }) => errorCode));
        return firstFailure(codes, `The offsets of the group "${groupId}" were not committed`);
      },
    },
  );
  if (failed(response)) return response;
  const names = new Map(Array.from(ids, ([name, id]) => [id, name]));
  const failures = new Map<string, Failure>();
  for (const { name, partitions, topicId } of response.topics) {
    for (const { errorCode, partitionIndex } of partitions) {
      if (errorCode === Errors.NONE) continue;
      const code = errorCode as ErrorCode;
      const key = `${name || names.get(topicId)}-${partitionIndex}`;
      failures.set(key, new Failure(code, `The offset of ${key} was not committed: ${errorText(code)}`));
    }
  }
  return failures;
}

/** What the coordinator says of the whole group comes with each partition; so does what a retry may mend. */
const WHOLE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
  Errors.REBALANCE_IN_PROGRESS,
  Errors.FENCED_INSTANCE_ID,
  Errors.GROUP_AUTHORIZATION_FAILED,
  Errors.INVALID_GROUP_ID,
]);

function firstFailure(codes: readonly number[], text: string): Failure | undefined {
  const code = codes.find(each => {
    const mayMend = isRetriable(each as ErrorCode) && !isOfOnePartition(each as ErrorCode);
    return WHOLE_ERRORS.has(each as ErrorCode) || mayMend;
  });
  return code === undefined
    ? undefined
    : new Failure(code as ErrorCode, `${text}: ${errorText(code as ErrorCode)}`);
}

/**
 * Reads a group's offsets: of the partitions given, or of all that it has some of. Where it has none, a partition is
 * left out.
 */
export async function fetchOffsets(
  client: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[] | 'all',
  { isStable = false, timeoutMs }: { readonly isStable?: boolean; readonly timeoutMs?: number } = {},
): Promise<Map<string, GroupOffset> | Failure> {
  const topics = partitions === 'all' ? undefined : groupByTopic(partitions);
  // The answer for all topics names them by id, and not all of them are known.
  const ids = topics === undefined ? new Map<string, string>() : topicIds(client, topics.keys());
  const isById = topics !== undefined && ids.size === topics.size;
  const asked = (byVersion: boolean) =>
    topics === undefined
      ? null
      : Array.from(topics, ([name, group]) => ({
          name,
          ...(byVersion && { topicId: ids.get(name) ?? ZERO_UUID }),
          partitionIndexes: group.map(({ partition }) => partition),
        }));
  const response = await client.request(
    { coordinatorOf: { type: 'group', key: groupId } },
    OffsetFetch,
    version =>
      version >= FIRST_FETCH_OF_GROUPS
        ? { groupId: '', topics: [], groups: [{ groupId, topics: asked(true) }], requireStable: isStable }
        : {
            groupId,
            topics: asked(false),
            groups: [],
            requireStable: isStable && version >= FIRST_FETCH_OF_STABLE,
          },
    {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(!isById && { maxVersion: FIRST_FETCH_BY_ID - 1 }),
      errorOf: answer => {
        const { errorCode, topics: answered } = groupAnswer(answer);
        const codes = answered.flatMap(topic => topic.partitions.map(each => each.errorCode));
        const code = [errorCode, ...codes].find(each => each !== Errors.NONE) as ErrorCode | undefined;
        if (code === undefined || isOfOnePartition(code)) return undefined;
        return new Failure(code, `The offsets of the group "${groupId}" are not known: ${errorText(code)}`);
      },
    },
  );
  if (failed(response)) return response;
  return offsetsIn(response, new Map(Array.from(ids, ([name, id]) => [id, name])));
}

function isOfOnePartition(code: ErrorCode): boolean {
  return code === Errors.UNKNOWN_TOPIC_OR_PARTITION || code === Errors.UNKNOWN_TOPIC_ID;
}

function groupAnswer({ errorCode, groups, topics }: OffsetFetchResponse) {
  const [group] = groups;
  return group ?? { errorCode, topics: topics.map(topic => ({ ...topic, topicId: ZERO_UUID as string })) };
}

function offsetsIn(
  response: OffsetFetchResponse,
  names: ReadonlyMap<string, string>,
): Map<string, GroupOffset> {
  const offsets = new Map<string, GroupOffset>();
  for (const { name, partitions, topicId } of groupAnswer(response).topics) {
    const topic = name || names.get(topicId);
    if (topic === undefined) continue;
    for (const { committedLeaderEpoch, committedOffset, errorCode, metadata, partitionIndex } of partitions) {
      if (committedOffset < 0n || errorCode !== Errors.NONE) continue;
      const target = { topic, partition: asPartitionIndex(partitionIndex) };
      offsets.set(partitionKey(target), {
        ...target,
        offset: asOffset(committedOffset),
        leaderEpoch: asLeaderEpoch(committedLeaderEpoch),
        metadata,
      });
    }
  }
  return offsets;
}

/** The ids of those topics that are known to have one. */
function topicIds(client: ClusterClient, topics: Iterable<string>): Map<string, string> {
  const ids = new Map<string, string>();
  for (const topic of topics) {
    const id = client.metadata.topic(topic)?.topicId ?? ZERO_UUID;
    if (id !== ZERO_UUID) ids.set(topic, id);
  }
  return ids;
}
