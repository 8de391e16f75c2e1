import type { CoordinatorRecord, CoordinatorResult } from '../coordinator/coordinator_shard.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../messages/08_offset_commit.ts';
import type { OffsetFetchResponse } from '../messages/09_offset_fetch.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../messages/47_offset_delete.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asOffset, asUuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ClassicGroup } from './classic_group.ts';
import type { ClassicRebalance } from './classic_rebalance.ts';
import type { GroupContext } from './group_context.ts';
import { type OffsetKey, offsetRecord, offsetTombstone } from './group_records.ts';
import type { GroupOffsets, OffsetStore } from './offset_store.ts';
import { isOfOtherTopic, type StoredOffset } from './stored_offset.ts';

type CommitResponse = MessageInput<typeof OffsetCommitResponse>;
type DeleteResponse = MessageInput<typeof OffsetDeleteResponse>;
export type FetchedGroup = MessageInput<typeof OffsetFetchResponse>['groups'][number];
type FetchedPartition = FetchedGroup['topics'][number]['partitions'][number];

export interface AskedTopic {
  readonly name: string;
  /** Zero from clients that name topics alone. */
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

/** What is asked for of one group: all that it has where `topics` is null. */
export interface GroupFetch {
  readonly groupId: string;
  readonly topics: readonly AskedTopic[] | null;
  /** Whether offsets that an open transaction may change are not to be told. */
  readonly requireStable: boolean;
}

/** What a group has no use for. */
export interface Swept {
  readonly records: CoordinatorRecord[];
  /** Whether it has nothing else. */
  readonly isLeftEmpty: boolean;
  /** How many offsets were looked at. */
  readonly looked: number;
}

/** From this version on a group that is not there is told from a wrong generation (KIP-848). */
const FIRST_VERSION_WITH_GROUP_ERRORS = 9;
const NO_RETENTION = -1n;
const NO_OFFSET = -1n;
const MINUTE_MS = 60_000;

/** Stores, tells, deletes and expires what groups have committed. */
export class GroupOffsetOperations {
  readonly #context: GroupContext;
  readonly #store: OffsetStore;
  readonly #rebalance: ClassicRebalance;

  constructor(context: GroupContext, store: OffsetStore, rebalance: ClassicRebalance) {
    this.#context = context;
    this.#store = store;
    this.#rebalance = rebalance;
  }

  /** OffsetCommit, by topic name. The offsets of one request are written together. */
  commit(request: OffsetCommitRequest, apiVersion: number): CoordinatorResult<CommitResponse> | Failure {
    const group = this.#context.groups.get(request.groupId);
    const problem = checkCommit(group, request, apiVersion);
    if (problem !== undefined) return problem;
    const member = group?.member(request.memberId);
    if (group !== undefined && member !== undefined && group.state !== 'CompletingRebalance') {
      this.#rebalance.heardFrom(group, member);
    }
    const nowMs = this.#context.clock.nowMs();
    const { retentionTimeMs } = request;
    const expireTimestampMs = retentionTimeMs === NO_RETENTION ? undefined : nowMs + Number(retentionTimeMs);
    const { offsetMetadataMaxBytes } = this.#context.settings();
    const records: CoordinatorRecord[] = [];
    const topics = request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(partition => {
        const { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata } = partition;
        const metadata = committedMetadata ?? '';
        if (metadata.length > offsetMetadataMaxBytes) {
          return { partitionIndex, errorCode: Errors.OFFSET_METADATA_TOO_LARGE };
        }
        const key = { group: request.groupId, topic: name, partition: partitionIndex };
        const committed = {
          topicId: asUuid(topicId),
          offset: asOffset(committedOffset),
          leaderEpoch: committedLeaderEpoch,
          metadata,
          commitTimestampMs: nowMs,
          expireTimestampMs,
        };
        records.push(offsetRecord(key, committed));
        return { partitionIndex, errorCode: Errors.NONE };
      }),
    }));
    return { records, response: { topics } };
  }

  /** OffsetFetch, by topic name. A group that is not there has no offsets, which is no error. */
  fetch({ groupId, topics, requireStable }: GroupFetch): FetchedGroup {
    const offsets = this.#context.groups.has(groupId) ? this.#store.ofGroup(groupId) : NO_OFFSETS;
    const asked =
      topics ??
      Array.from(offsets, ([name, partitions]) => ({
        name,
        topicId: ZERO_UUID,
        partitionIndexes: [...partitions.keys()],
      }));
    return {
      groupId,
      errorCode: Errors.NONE,
      topics: asked.map(({ name, topicId, partitionIndexes }) => {
        const partitions = offsets.get(name);
        return {
          name,
          partitions: partitionIndexes.map(index => {
            const isUnstable =
              requireStable && this.#store.isPending({ group: groupId, topic: name, partition: index });
            const stored = partitions?.get(index);
            if (isUnstable) return fetchedPartition(index, 'unstable');
            return fetchedPartition(index, stored && isOfOtherTopic(stored, topicId) ? undefined : stored);
          }),
        };
      }),
    };
  }

  /** OffsetDelete (KIP-496): of topics that the group does not subscribe to. */
  delete({ groupId, topics }: OffsetDeleteRequest): CoordinatorResult<DeleteResponse> | Failure {
    const group = this.#context.groups.get(groupId);
    if (group === undefined) return groupNotFound(groupId);
    if (!group.isEmpty && !group.isOfConsumers) return nonEmpty(group);
    const records: CoordinatorRecord[] = [];
    const deleted = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (group.isSubscribedTo(name)) {
          return { partitionIndex, errorCode: Errors.GROUP_SUBSCRIBED_TO_TOPIC };
        }
        const key = { group: groupId, topic: name, partition: partitionIndex };
        if (this.#store.get(key) !== undefined || this.#store.isPending(key))
          records.push(offsetTombstone(key));
        return { partitionIndex, errorCode: Errors.NONE };
      }),
    }));
    return { records, response: { errorCode: Errors.NONE, topics: deleted } };
  }

  /** Tombstones of all that a group has. */
  deleteAll(groupId: string): CoordinatorRecord[] {
    return tombstones(Array.from(this.#store.allOf(groupId), ([key]) => key));
  }

  /** Tombstones of what all groups have for topics that were deleted. */
  deleteTopics(topics: readonly string[]): CoordinatorRecord[] {
    return tombstones(this.#store.keysOfTopics(topics));
  }

  /**
   * Tombstones of what a group has no use for: offsets of topics that are not there, or not the same any more; and
   * what has expired.
   * @param expires whether what has expired is looked for
   */
  sweep(group: ClassicGroup, { expires }: { readonly expires: boolean }): Swept {
    const doomed: OffsetKey[] = [];
    let looked = 0;
    for (const [key, stored] of this.#store.allOf(group.id)) {
      looked++;
      if (this.#isGone(key.topic, stored) || (expires && this.#isExpired(group, key, stored)))
        doomed.push(key);
    }
    return {
      records: tombstones(doomed),
      isLeftEmpty: doomed.length === looked && !this.#store.hasPending(group.id),
      looked,
    };
  }

  #isGone(topic: string, stored: StoredOffset): boolean {
    const present = this.#context.topicIdOf(topic);
    return present === undefined || isOfOtherTopic(stored, present);
  }

  #isExpired(group: ClassicGroup, key: OffsetKey, stored: StoredOffset): boolean {
    if (group.isSubscribedTo(key.topic) || this.#store.isPending(key)) return false;
    const { expireTimestampMs } = stored;
    const since = retainedSince(group, stored);
    if (since === undefined) return false;
    const nowMs = this.#context.clock.nowMs();
    if (expireTimestampMs !== undefined) return nowMs >= expireTimestampMs;
    return nowMs - since >= this.#context.settings().offsetsRetentionMinutes * MINUTE_MS;
  }
}

const NO_OFFSETS: GroupOffsets = new Map();

/**
 * From when on the retention of an offset counts: from when its group became empty; from its commit where nobody is
 * known to use it, in a group that only stores offsets or that is stable and does not subscribe to the topic. Undefined
 * where it does not expire for now.
 */
function retainedSince(group: ClassicGroup, stored: StoredOffset): number | undefined {
  if (group.protocolType === undefined) return stored.commitTimestampMs;
  if (group.isEmpty) return group.stateTimestampMs ?? stored.commitTimestampMs;
  if (group.state === 'Stable' && group.knowsSubscriptions) return stored.commitTimestampMs;
  return undefined;
}

/** Whether the commit comes from a member of the present generation, or from nobody who has to be one. */
function checkCommit(
  group: ClassicGroup | undefined,
  request: OffsetCommitRequest,
  apiVersion: number,
): Failure | undefined {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generation } = request;
  const refuse = (code: ErrorCode, why: string) =>
    new Failure(code, `Cannot commit offsets of group ${groupId}: ${why}`);
  if (group === undefined) {
    // A consumer that manages its partitions itself.
    if (generation < 0) return undefined;
    if (apiVersion >= FIRST_VERSION_WITH_GROUP_ERRORS) return groupNotFound(groupId);
    return refuse(Errors.ILLEGAL_GENERATION, 'it is not there');
  }
  if (generation < 0 && group.isEmpty) return undefined;
  if (generation < 0 && memberId === '' && groupInstanceId === null) {
    return refuse(Errors.UNKNOWN_MEMBER_ID, 'it has members, and the request names none');
  }
  const problem = group.checkMember(memberId, groupInstanceId);
  if (problem !== Errors.NONE) return refuse(problem, `${memberId} is no member`);
  if (generation !== group.generation) {
    return refuse(Errors.ILLEGAL_GENERATION, `it is in generation ${group.generation}, not ${generation}`);
  }
  if (group.state === 'CompletingRebalance') {
    return refuse(Errors.REBALANCE_IN_PROGRESS, 'its members wait for their assignment');
  }
  return undefined;
}

function fetchedPartition(
  partitionIndex: number,
  stored: StoredOffset | 'unstable' | undefined,
): FetchedPartition {
  if (stored !== undefined && stored !== 'unstable') {
    const { offset, leaderEpoch, metadata } = stored;
    return {
      partitionIndex,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      metadata,
      errorCode: Errors.NONE,
    };
  }
  const errorCode = stored === 'unstable' ? Errors.UNSTABLE_OFFSET_COMMIT : Errors.NONE;
  return { partitionIndex, committedOffset: NO_OFFSET, metadata: '', errorCode };
}

function tombstones(keys: Iterable<OffsetKey>): CoordinatorRecord[] {
  // An offset that is committed and pending would be deleted twice.
  const records = new Map<string, CoordinatorRecord>();
  for (const key of keys) {
    const record = offsetTombstone(key);
    records.set(record.key.toString('latin1'), record);
  }
  return [...records.values()];
}

export function groupNotFound(groupId: string): Failure {
  return new Failure(Errors.GROUP_ID_NOT_FOUND, `There is no group ${groupId}`);
}

export function nonEmpty(group: ClassicGroup): Failure {
  return new Failure(
    Errors.NON_EMPTY_GROUP,
    `Group ${group.id} has ${group.memberCount} members: stop its consumers first`,
  );
}
