import type { CoordinatorLog } from '../coordinator/coordinator_log.ts';
import { CoordinatorRuntime } from '../coordinator/coordinator_runtime.ts';
import type { CoordinatorResult } from '../coordinator/coordinator_shard.ts';
import { partitionOf } from '../coordinator/partition_of.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../messages/08_offset_commit.ts';
import type { JoinGroupRequest } from '../messages/11_join_group.ts';
import type { HeartbeatRequest } from '../messages/12_heartbeat.ts';
import type { LeaveGroupResponse } from '../messages/13_leave_group.ts';
import type { SyncGroupRequest } from '../messages/14_sync_group.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../messages/47_offset_delete.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { LeaderEpoch, PartitionIndex } from '../model/ids.ts';
import type { Clock, Logger, Random } from '../model/ports.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { CompressionType } from '../records/record_batch.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { GroupClient } from './classic_join.ts';
import type { LeavingMember } from './classic_membership.ts';
import {
  type JoinResponse,
  joinRefused,
  type Respond,
  type SyncResponse,
  syncRefused,
} from './classic_responses.ts';
import type { GroupResult, GroupSettings } from './group_context.ts';
import type { FetchedGroup, GroupFetch } from './group_offsets.ts';
import { type DeletedGroup, type DescribedGroup, GroupShard, type ListedGroup } from './group_shard.ts';

export interface GroupCoordinatorOptions {
  readonly log: CoordinatorLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: () => GroupSettings &
    Pick<BrokerSettings, 'offsetsCommitTimeoutMs' | 'offsetsTopicCompressionCodec'>;
  /** How many partitions __consumer_offsets has; 0 while it is not there. */
  readonly partitionCount: () => number;
  /** The id of a topic as the metadata has it; undefined where there is none of the name. */
  readonly topicIdOf: (topic: string) => string | undefined;
}

/** Coordinates the groups whose partition of __consumer_offsets this broker leads. */
export class GroupCoordinator {
  readonly #options: GroupCoordinatorOptions;
  readonly #runtime: CoordinatorRuntime<GroupShard>;

  constructor(options: GroupCoordinatorOptions) {
    const { log, clock, random, logger, settings, topicIdOf } = options;
    const { offsetsCommitTimeoutMs, offsetsTopicCompressionCodec } = settings();
    this.#options = options;
    this.#runtime = new CoordinatorRuntime({
      log,
      clock,
      logger,
      writeTimeoutMs: offsetsCommitTimeoutMs,
      compression: offsetsTopicCompressionCodec as CompressionType,
      createShard: (_partition, timers) =>
        new GroupShard({ clock, random, logger, timers, settings, topicIdOf }),
    });
  }

  /** This broker leads a partition of __consumer_offsets: its groups are loaded. */
  lead(partition: PartitionIndex, epoch: LeaderEpoch): void {
    this.#runtime.lead(partition, epoch);
  }

  /** It no longer does: who waits is told to look for the coordinator. */
  resign(partition: PartitionIndex): void {
    this.#runtime.resign(partition);
  }

  /** Another broker may, and this one does not know yet: who waits is told to look for the coordinator. */
  doubted(partition: PartitionIndex): void {
    this.#runtime.doubted(partition);
  }

  /** What groups have committed for the topics is of no use any more. */
  topicsDeleted(topics: readonly string[]): void {
    for (const partition of this.#runtime.partitions) {
      const deleted = this.#runtime.write(partition, shard => shard.deleteTopics(topics));
      void deleted.then(result => {
        // A shard that is still being loaded looks for itself what is gone.
        if (!failed(result) || result.code === Errors.COORDINATOR_LOAD_IN_PROGRESS) return;
        this.#options.logger.warn('Cannot delete the offsets of topics that were deleted', {
          partition,
          topics,
          error: result.toString(),
        });
      });
    }
  }

  close(): void {
    this.#runtime.close();
  }

  /** The shards, for metrics. */
  get shards(): readonly GroupShard[] {
    return this.#runtime.shards;
  }

  join(request: JoinGroupRequest, client: GroupClient): Promise<JoinResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const refuse = (code: ErrorCode) => joinRefused(memberId, code);
    if (groupId === '') return Promise.resolve(refuse(Errors.INVALID_GROUP_ID));
    const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = this.#options.settings();
    if (sessionTimeoutMs < groupMinSessionTimeoutMs || sessionTimeoutMs > groupMaxSessionTimeoutMs) {
      return Promise.resolve(refuse(Errors.INVALID_SESSION_TIMEOUT));
    }
    return this.#parked(groupId, (shard, respond) => shard.join.join(request, client, respond), refuse);
  }

  sync(request: SyncGroupRequest): Promise<SyncResponse> {
    const { groupId } = request;
    if (groupId === '') return Promise.resolve(syncRefused(Errors.INVALID_GROUP_ID));
    return this.#parked(groupId, (shard, respond) => shard.membership.sync(request, respond), syncRefused);
  }

  /** Runs an operation that answers when it is time; until then nothing but its own end answers the client. */
  #parked<Response>(
    groupId: string,
    operation: (shard: GroupShard, respond: Respond<Response>) => GroupResult,
    refuse: (code: ErrorCode) => Response,
  ): Promise<Response> {
    return new Promise(resolve => {
      const written = this.#write(groupId, shard => operation(shard, resolve));
      void written.then(result => {
        if (failed(result)) resolve(refuse(result.code));
      });
    });
  }

  async heartbeat(request: HeartbeatRequest): Promise<ErrorCode> {
    const { groupId } = request;
    if (groupId === '') return Errors.INVALID_GROUP_ID;
    const result = await this.#read(groupId, shard => shard.membership.heartbeat(request));
    if (!failed(result)) return result;
    // Nothing is wrong with the member: it is to be patient.
    return result.code === Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : result.code;
  }

  async leave(
    groupId: string,
    members: readonly LeavingMember[],
  ): Promise<MessageInput<typeof LeaveGroupResponse>> {
    if (groupId === '') return { errorCode: Errors.INVALID_GROUP_ID, members: [] };
    const result = await this.#write(groupId, shard => shard.membership.leave(groupId, members));
    return failed(result) ? { errorCode: result.code, members: [] } : result;
  }

  /** By topic name. @returns for the whole request where nothing of it was written */
  commitOffsets(
    request: OffsetCommitRequest,
    apiVersion: number,
  ): Promise<MessageInput<typeof OffsetCommitResponse> | Failure> {
    return this.#write(request.groupId, shard => shard.offsets.commit(request, apiVersion));
  }

  /** By topic name. */
  async fetchOffsets(asked: GroupFetch): Promise<FetchedGroup> {
    const { groupId } = asked;
    const result = await this.#read(groupId, shard => shard.offsets.fetch(asked));
    return failed(result) ? { groupId, topics: [], errorCode: result.code } : result;
  }

  async deleteOffsets(request: OffsetDeleteRequest): Promise<MessageInput<typeof OffsetDeleteResponse>> {
    const { groupId } = request;
    if (groupId === '') return { errorCode: Errors.INVALID_GROUP_ID, topics: [] };
    const result = await this.#write(groupId, shard => shard.offsets.delete(request));
    return failed(result) ? { errorCode: result.code, topics: [] } : result;
  }

  /** The groups of all partitions that this broker leads. */
  async list(states: readonly string[], types: readonly string[]): Promise<readonly ListedGroup[] | Failure> {
    const [stateFilter, typeFilter] = [foldCase(states), foldCase(types)];
    const parts = await Promise.all(
      this.#runtime.partitions.map(partition =>
        this.#runtime.read(partition, shard => shard.list(stateFilter, typeFilter)),
      ),
    );
    const all: ListedGroup[] = [];
    for (const part of parts) {
      // One that moved away meanwhile is listed by its new coordinator.
      if (failed(part) && part.code !== Errors.NOT_COORDINATOR) return part;
      if (!failed(part)) all.push(...part);
    }
    return all;
  }

  async describe(groupIds: readonly string[], tellsNotFound: boolean): Promise<DescribedGroup[]> {
    return Promise.all(
      groupIds.map(async groupId => {
        const result = await this.#read(groupId, shard => shard.describe(groupId, tellsNotFound));
        if (!failed(result)) return result;
        const errorCode = result.code;
        return { groupId, errorCode, groupState: '', protocolType: '', protocolData: '', members: [] };
      }),
    );
  }

  async delete(groupIds: readonly string[]): Promise<DeletedGroup[]> {
    const results = await Promise.all(
      groupIds.map(async groupId => {
        const result = await this.#write(groupId, shard => shard.delete([groupId]));
        return failed(result) ? [{ groupId, errorCode: result.code, errorMessage: result.message }] : result;
      }),
    );
    return results.flat();
  }

  #write<Response>(
    groupId: string,
    operation: (shard: GroupShard) => CoordinatorResult<Response> | Failure,
  ): Promise<Response | Failure> {
    const partition = this.#partitionOf(groupId);
    return failed(partition) ? Promise.resolve(partition) : this.#runtime.write(partition, operation);
  }

  #read<Response>(
    groupId: string,
    operation: (shard: GroupShard) => Response | Failure,
  ): Promise<Response | Failure> {
    const partition = this.#partitionOf(groupId);
    return failed(partition) ? Promise.resolve(partition) : this.#runtime.read(partition, operation);
  }

  #partitionOf(groupId: string): PartitionIndex | Failure {
    const count = this.#options.partitionCount();
    if (count > 0) return partitionOf(groupId, count);
    return new Failure(
      Errors.NOT_COORDINATOR,
      'The topic of the group coordinators is not there yet: look the coordinator up',
    );
  }
}

const foldCase = (words: readonly string[]): ReadonlySet<string> =>
  new Set(words.map(word => word.toLowerCase()));
