import type { CoordinatorRecord } from '../../src/coordinator/coordinator_shard.ts';
import { partitionOf } from '../../src/coordinator/partition_of.ts';
import type { GroupClient } from '../../src/group/classic_join.ts';
import type { JoinResponse, SyncResponse } from '../../src/group/classic_responses.ts';
import { GroupCoordinator, type GroupCoordinatorOptions } from '../../src/group/group_coordinator.ts';
import type { OffsetCommitRequest } from '../../src/messages/08_offset_commit.ts';
import type { JoinGroupRequest } from '../../src/messages/11_join_group.ts';
import type { SyncGroupRequest } from '../../src/messages/14_sync_group.ts';
import { ConsumerProtocolSubscription } from '../../src/messages/consumer_protocol/consumer_protocol_subscription.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asPartitionIndex } from '../../src/model/ids.ts';
import { encodeVersioned } from '../../src/protocol/stored.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MemoryCoordinatorLog } from '../support/memory_coordinator_log.ts';

type Settings = ReturnType<GroupCoordinatorOptions['settings']>;

export const GROUP = 'group';
export const TOPIC_ID = 'T0000000000000000000AA';
export const MINUTE_MS = 60_000;
/** Of members that say nothing else. */
export const SESSION_MS = 10_000;
export const REBALANCE_MS = 30_000;

const PARTITION = asPartitionIndex(0);
const SETTINGS: Settings = {
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 2_147_483_647,
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMinutes: 10_080,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsCommitTimeoutMs: 5_000,
  offsetsTopicCompressionCodec: 0,
};

/** An answer that may still be out. */
export class Parked<T> {
  value: T | undefined;

  get isWaiting(): boolean {
    return this.value === undefined;
  }
}

export interface MemberOptions {
  readonly group?: string;
  readonly memberId?: string;
  readonly instance?: string;
  /** Topics, by assignor, in the order of preference. */
  readonly offers?: Readonly<Record<string, readonly string[]>>;
  readonly protocolType?: string;
  readonly sessionMs?: number;
  readonly rebalanceMs?: number;
  /** 3 takes a member in without giving it its id first. */
  readonly version?: number;
}

export const errorOf = ({ errorCode = 0 }: { readonly errorCode?: number }) => ERROR_NAMES.get(errorCode);

/** A coordinator with one partition, whose log commits at once unless told otherwise. */
export class GroupWorld {
  readonly time = new SimulatedTime();
  readonly clock = new SimulatedClock(this.time);
  readonly log = new MemoryCoordinatorLog();
  readonly topics = new Map([['events', TOPIC_ID]]);
  readonly logger = new SimulatedLogger(this.clock);
  settings: Settings;
  coordinator: GroupCoordinator;
  #epoch = 0;

  private constructor(settings: Partial<Settings>) {
    this.settings = { ...SETTINGS, ...settings };
    this.log.commitsAtOnce = true;
    this.coordinator = this.#make();
  }

  static async start(settings: Partial<Settings> = {}): Promise<GroupWorld> {
    const world = new GroupWorld(settings);
    await world.lead();
    return world;
  }

  #make(): GroupCoordinator {
    return new GroupCoordinator({
      log: this.log,
      clock: this.clock,
      random: new SeededRandom(1),
      logger: this.logger,
      settings: () => this.settings,
      partitionCount: () => 1,
      topicIdOf: topic => this.topics.get(topic),
    });
  }

  /** Leads the partition in a new epoch, with what the log has. */
  async lead(): Promise<void> {
    this.coordinator.lead(PARTITION, asLeaderEpoch(++this.#epoch));
    await this.settle();
  }

  /** Has something else write into the log. */
  appendRecords(records: readonly CoordinatorRecord[]): void {
    const batch = buildBatch(records.map(record => ({ ...record, timestamp: 0n })));
    this.log.append(0, this.#epoch, batch.buffer);
  }

  resign(): void {
    this.coordinator.resign(partitionOf(GROUP, 1));
  }

  /** The log alone is left: another coordinator begins with it. */
  async restart(): Promise<void> {
    this.coordinator.close();
    this.coordinator = this.#make();
    await this.lead();
  }

  settle(): Promise<void> {
    return this.time.advance(0);
  }

  async #park<T>(answer: Promise<T>): Promise<Parked<T>> {
    const parked = new Parked<T>();
    void answer.then(value => {
      parked.value = value;
    });
    await this.settle();
    return parked;
  }

  /** Sends a join, and tells what it is answered, when it is. */
  join(options: MemberOptions = {}): Promise<Parked<JoinResponse>> {
    const { group = GROUP, memberId = '', instance = null, offers = { range: ['events'] } } = options;
    const request: JoinGroupRequest = {
      groupId: group,
      memberId,
      groupInstanceId: instance,
      protocolType: options.protocolType ?? 'consumer',
      protocols: Object.entries(offers).map(([name, topics]) => ({
        name,
        metadata: encodeVersioned(ConsumerProtocolSubscription, 0, { topics: [...topics] }),
      })),
      sessionTimeoutMs: options.sessionMs ?? SESSION_MS,
      rebalanceTimeoutMs: options.rebalanceMs ?? REBALANCE_MS,
      reason: null,
    };
    const client: GroupClient = {
      apiVersion: options.version ?? 3,
      clientId: 'client',
      clientHost: '/host',
    };
    return this.#park(this.coordinator.join(request, client));
  }

  sync(
    member: JoinResponse,
    { assigned = [], instance = null, group = GROUP }: SyncOptions = {},
  ): Promise<Parked<SyncResponse>> {
    const request: SyncGroupRequest = {
      groupId: group,
      generationId: member.generationId ?? -1,
      memberId: member.memberId,
      groupInstanceId: instance,
      protocolType: null,
      protocolName: null,
      assignments: assigned.map(memberId => ({ memberId, assignment: Buffer.from(`to ${memberId}`) })),
    };
    return this.#park(this.coordinator.sync(request));
  }

  async heartbeat(
    member: JoinResponse,
    { instance = null, group = GROUP }: { instance?: string | null; group?: string } = {},
  ) {
    const errorCode = await this.time.run(
      this.coordinator.heartbeat({
        groupId: group,
        generationId: member.generationId ?? -1,
        memberId: member.memberId,
        groupInstanceId: instance,
      }),
    );
    return errorOf({ errorCode });
  }

  leave(...memberIds: readonly string[]) {
    const members = memberIds.map(memberId => ({ memberId, groupInstanceId: null, reason: null }));
    return this.time.run(this.coordinator.leave(GROUP, members));
  }

  /** Commits offset 42 for partition 0 of a topic. @returns the error's name */
  async commit(options: CommitOptions = {}): Promise<string | undefined> {
    const { group = GROUP, topic = 'events', member, retentionMs = -1n, version = 8 } = options;
    const request: OffsetCommitRequest = {
      groupId: group,
      generationIdOrMemberEpoch: member?.generationId ?? -1,
      memberId: member?.memberId ?? '',
      groupInstanceId: null,
      retentionTimeMs: retentionMs,
      topics: [
        {
          name: topic,
          topicId: this.topics.get(topic) ?? TOPIC_ID,
          partitions: [
            { partitionIndex: 0, committedOffset: 42n, committedLeaderEpoch: -1, committedMetadata: '' },
          ],
        },
      ],
    };
    const result = await this.time.run(this.coordinator.commitOffsets(request, version));
    return failed(result) ? ERROR_NAMES.get(result.code) : errorOf(result.topics[0]!.partitions[0]!);
  }

  /** What the group has for partition 0 of a topic; -1 for nothing. */
  async committed(topic = 'events', group = GROUP): Promise<number> {
    const asked = {
      groupId: group,
      topics: [{ name: topic, topicId: this.topics.get(topic) ?? TOPIC_ID, partitionIndexes: [0] }],
      requireStable: false,
    };
    const { topics } = await this.time.run(this.coordinator.fetchOffsets(asked));
    return Number(topics[0]!.partitions[0]!.committedOffset);
  }

  async describe(group = GROUP) {
    const [described] = await this.time.run(this.coordinator.describe([group], false));
    return described!;
  }

  async state(group = GROUP): Promise<string> {
    return (await this.describe(group)).groupState;
  }

  /** Members that the group has after the initial delay, synced: the first leads. */
  async stable(...members: readonly MemberOptions[]): Promise<JoinResponse[]> {
    const joins: Parked<JoinResponse>[] = [];
    for (const member of members) joins.push(await this.join(member));
    await this.time.advance(2 * this.settings.groupInitialRebalanceDelayMs);
    const joined = joins.map(({ value }) => value!);
    await this.syncAll(joined, members);
    return joined;
  }

  /** Everyone syncs, the leader last. */
  async syncAll(joined: readonly JoinResponse[], members: readonly MemberOptions[] = []): Promise<void> {
    const assigned = joined.map(({ memberId }) => memberId);
    const leader = joined.findIndex(({ memberId, leader: id }) => memberId === id);
    const order = [...joined.keys()].filter(at => at !== leader);
    for (const at of [...order, leader]) {
      const { instance = null, group = GROUP } = members[at] ?? {};
      await this.sync(joined[at]!, { instance, group, ...(at === leader && { assigned }) });
    }
  }
}

interface SyncOptions {
  readonly assigned?: readonly string[];
  readonly instance?: string | null;
  readonly group?: string;
}

interface CommitOptions {
  readonly group?: string;
  readonly topic?: string;
  readonly member?: JoinResponse;
  readonly retentionMs?: bigint;
  readonly version?: number;
}
