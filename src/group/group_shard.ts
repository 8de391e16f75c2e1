import type {
  CoordinatorRecord,
  CoordinatorResult,
  CoordinatorShard,
  RecordOrigin,
} from '../coordinator/coordinator_shard.ts';
import type { DescribeGroupsResponse } from '../messages/15_describe_groups.ts';
import type { ListGroupsResponse } from '../messages/16_list_groups.ts';
import type { DeleteGroupsResponse } from '../messages/42_delete_groups.ts';
import type { GroupMetadataValue } from '../messages/group/02_group_metadata.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { NO_PRODUCER_ID } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { ClassicGroup } from './classic_group.ts';
import { ClassicJoin } from './classic_join.ts';
import { ClassicMember } from './classic_member.ts';
import { ClassicMembership } from './classic_membership.ts';
import { ClassicRebalance } from './classic_rebalance.ts';
import { type GroupContext, type GroupResult, NO_RECORDS } from './group_context.ts';
import { GroupOffsetOperations, groupNotFound, nonEmpty } from './group_offsets.ts';
import { groupTombstone, type OffsetKey, readGroupRecord } from './group_records.ts';
import { OffsetStore } from './offset_store.ts';
import type { StoredOffset } from './stored_offset.ts';

export type DescribedGroup = MessageInput<typeof DescribeGroupsResponse>['groups'][number];
export type ListedGroup = MessageInput<typeof ListGroupsResponse>['groups'][number];
export type DeletedGroup = MessageInput<typeof DeleteGroupsResponse>['results'][number];

/** The type that ListGroups names. */
const CLASSIC = 'classic';
const DEAD = 'Dead';
const EXPIRY = 'expiry';
const SWEEP = 'sweep';
/** Groups and offsets that are looked at in one go: others want the processor too. */
const SWEPT_AT_ONCE = 10_000;

interface Sweep {
  /** Whether what has expired goes, or only what is of topics that are gone. */
  readonly expires: boolean;
}

export type GroupShardOptions = Omit<GroupContext, 'groups'>;

/**
 * The groups of one partition of __consumer_offsets. What the log has of a classic group is what it was when it was
 * last stable or empty: a rebalance is in memory alone, and begins anew at the next leader.
 */
export class GroupShard implements CoordinatorShard {
  readonly #context: GroupContext;
  readonly #store = new OffsetStore();
  readonly #rebalance: ClassicRebalance;
  readonly join: ClassicJoin;
  readonly membership: ClassicMembership;
  readonly offsets: GroupOffsetOperations;
  #isActive = false;

  constructor(options: GroupShardOptions) {
    this.#context = { ...options, groups: new Map() };
    this.#rebalance = new ClassicRebalance(this.#context);
    this.join = new ClassicJoin(this.#context, this.#rebalance);
    this.membership = new ClassicMembership(this.#context, this.#rebalance);
    this.offsets = new GroupOffsetOperations(this.#context, this.#store, this.#rebalance);
  }

  get groups(): Iterable<ClassicGroup> {
    return this.#context.groups.values();
  }

  /** How many offsets are committed. */
  get offsetCount(): number {
    return this.#store.size;
  }

  replay(record: CoordinatorRecord, origin: RecordOrigin): void {
    const read = readGroupRecord(record, origin.offset);
    if (failed(read)) {
      this.#context.logger.error('A record of a group can not be read and is left out', {
        offset: origin.offset,
        error: read.toString(),
      });
      return;
    }
    if (read.kind === 'offset') this.#replayOffset(read.key, read.value, origin);
    else if (read.kind === 'group') this.#replayGroup(read.group, read.value);
  }

  replayTransactionEnd({ producerId }: RecordOrigin, committed: boolean): void {
    this.#store.endTransaction(producerId, committed);
  }

  #replayOffset(key: OffsetKey, stored: StoredOffset | undefined, { producerId }: RecordOrigin): void {
    if (stored === undefined) {
      this.#store.delete(key);
      return;
    }
    if (!this.#context.groups.has(key.group)) this.#addGroupOfOffsets(key.group);
    if (producerId === NO_PRODUCER_ID) this.#store.set(key, stored);
    else this.#store.setPending(producerId, key, stored);
  }

  /** A group that nobody has joined: it stores offsets. */
  #addGroupOfOffsets(id: string): void {
    const group = new ClassicGroup({ id, state: 'Empty', stateTimestampMs: this.#context.clock.nowMs() });
    this.#context.groups.set(id, group);
  }

  #replayGroup(id: string, value: GroupMetadataValue | undefined): void {
    const { groups } = this.#context;
    if (value === undefined) {
      const group = groups.get(id);
      if (group !== undefined && this.#isActive) this.#rebalance.drop(group);
      groups.delete(id);
      return;
    }
    // Of a group that it coordinates itself it knows more than the record says.
    if (this.#isActive) return;
    groups.set(id, groupOf(id, value));
  }

  activated(): void {
    this.#isActive = true;
    const { groupMaxSize } = this.#context.settings();
    for (const group of this.groups) {
      for (const member of group.members) this.#rebalance.heardFrom(group, member);
      if (group.memberCount > groupMaxSize) {
        this.#rebalance.prepare(
          group,
          `it has ${group.memberCount} members where ${groupMaxSize} are allowed`,
        );
      }
    }
    // Topics may have been deleted while nobody coordinated the groups.
    this.#scheduleSweep(0, { expires: false });
    this.#scheduleExpiry();
  }

  dismiss(): void {
    for (const group of this.groups) group.failAll(Errors.NOT_COORDINATOR);
  }

  #scheduleExpiry(): void {
    const { timers, settings } = this.#context;
    timers.schedule(EXPIRY, settings().offsetsRetentionCheckIntervalMs, () => {
      this.#scheduleExpiry();
      this.#scheduleSweep(0, { expires: true });
      return NO_RECORDS;
    });
  }

  /** Goes through the groups, some at a time, and deletes what they have no use for. */
  #scheduleSweep(delayMs: number, what: Sweep, groups: Iterator<ClassicGroup> = this.#groups()): void {
    this.#context.timers.schedule(SWEEP, delayMs, () => this.#sweep(groups, what));
  }

  #groups(): Iterator<ClassicGroup> {
    return this.#context.groups.values();
  }

  #sweep(groups: Iterator<ClassicGroup>, what: Sweep): GroupResult {
    const records: CoordinatorRecord[] = [];
    for (let looked = 0; looked < SWEPT_AT_ONCE; looked++) {
      const next = groups.next();
      if (next.done === true) return { records, response: undefined, isDivisible: true };
      const group = next.value;
      const swept = this.offsets.sweep(group, what);
      looked += swept.looked;
      for (const record of swept.records) records.push(record);
      if (what.expires && swept.isLeftEmpty && group.isEmpty) records.push(groupTombstone(group.id));
    }
    this.#scheduleSweep(0, what, groups);
    return { records, response: undefined, isDivisible: true };
  }

  /** Deletes the offsets of topics that were deleted. */
  deleteTopics(topics: readonly string[]): GroupResult {
    return { records: this.offsets.deleteTopics(topics), response: undefined, isDivisible: true };
  }

  /** ListGroups. Filters are in any case; an empty one lets all through. */
  list(states: ReadonlySet<string>, types: ReadonlySet<string>): ListedGroup[] {
    if (types.size > 0 && !types.has(CLASSIC)) return [];
    const listed: ListedGroup[] = [];
    for (const { id, protocolType = '', state } of this.groups) {
      if (states.size > 0 && !states.has(state.toLowerCase())) continue;
      listed.push({ groupId: id, protocolType, groupState: state, groupType: CLASSIC });
    }
    return listed;
  }

  /** DescribeGroups. A group that is not there is Dead, which newer clients are told as an error too. */
  describe(groupId: string, tellsNotFound: boolean): DescribedGroup {
    const group = this.#context.groups.get(groupId);
    if (group === undefined) {
      const { code, message } = groupNotFound(groupId);
      const error = tellsNotFound ? { errorCode: code, errorMessage: message } : { errorCode: Errors.NONE };
      return { ...error, groupId, groupState: DEAD, protocolType: '', protocolData: '', members: [] };
    }
    const isStable = group.state === 'Stable';
    return {
      errorCode: Errors.NONE,
      groupId,
      groupState: group.state,
      protocolType: group.protocolType ?? '',
      protocolData: isStable ? (group.protocolName ?? '') : '',
      members: Array.from(group.members, member => ({
        memberId: member.id,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        memberMetadata: member.metadataOf(isStable ? group.protocolName : undefined),
        memberAssignment: member.assignment,
      })),
    };
  }

  /** DeleteGroups: with their offsets, where they have no members. */
  delete(groupIds: readonly string[]): CoordinatorResult<DeletedGroup[]> {
    const records: CoordinatorRecord[] = [];
    const response = groupIds.map((groupId): DeletedGroup => {
      const problem = this.#checkDelete(groupId);
      if (problem !== undefined) return { groupId, errorCode: problem.code, errorMessage: problem.message };
      for (const record of this.offsets.deleteAll(groupId)) records.push(record);
      records.push(groupTombstone(groupId));
      return { groupId, errorCode: Errors.NONE };
    });
    return { records, response, isDivisible: true };
  }

  #checkDelete(groupId: string): Failure | undefined {
    const group = this.#context.groups.get(groupId);
    if (group === undefined) return groupNotFound(groupId);
    return group.isEmpty ? undefined : nonEmpty(group);
  }
}

const NOT_KNOWN = -1;

/** A group as its record has it: stable where it has members. */
function groupOf(id: string, value: GroupMetadataValue): ClassicGroup {
  const { protocolType, protocol, leader, generation, currentStateTimestamp } = value;
  const group = new ClassicGroup({
    id,
    state: value.members.length === 0 ? 'Empty' : 'Stable',
    generation,
    ...(protocolType === '' ? {} : { protocolType }),
    ...(protocol === null ? {} : { protocolName: protocol }),
    ...(leader === null ? {} : { leaderId: leader }),
    stateTimestampMs: currentStateTimestamp === BigInt(NOT_KNOWN) ? undefined : Number(currentStateTimestamp),
  });
  for (const each of value.members) {
    // No coordinator writes a member twice; what else may have written the log is not trusted to keep to that.
    const { memberId, groupInstanceId } = each;
    if (group.member(memberId) !== undefined) continue;
    if (groupInstanceId !== null && group.staticMemberId(groupInstanceId) !== undefined) continue;
    const member = new ClassicMember({
      id: memberId,
      instanceId: groupInstanceId,
      clientId: each.clientId,
      clientHost: each.clientHost,
      rebalanceTimeoutMs: each.rebalanceTimeout === NOT_KNOWN ? each.sessionTimeout : each.rebalanceTimeout,
      sessionTimeoutMs: each.sessionTimeout,
      protocols: [{ name: protocol ?? '', metadata: Buffer.from(each.subscription) }],
      assignment: Buffer.from(each.assignment),
    });
    group.add(member, protocolType);
  }
  group.computeSubscribedTopics();
  return group;
}
