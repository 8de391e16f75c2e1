import type { CoordinatorResult } from '../coordinator/coordinator_shard.ts';
import type { HeartbeatRequest } from '../messages/12_heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../messages/13_leave_group.ts';
import type { SyncGroupRequest } from '../messages/14_sync_group.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import type { Failure } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ClassicGroup } from './classic_group.ts';
import type { ClassicRebalance } from './classic_rebalance.ts';
import { type Respond, type SyncResponse, syncRefused } from './classic_responses.ts';
import { type GroupContext, type GroupResult, NO_RECORDS } from './group_context.ts';
import { groupRecord } from './group_records.ts';

type LeaveResponse = MessageInput<typeof LeaveGroupResponse>;
/** Who leaves: from clients that know of no batches, the member of the request. */
export type LeavingMember = LeaveGroupRequest['members'][number];

const NO_MEMBER = '';
const NO_ASSIGNMENT = Buffer.alloc(0);

/** What members of classic groups do between their joins: collect assignments, say that they live, and leave. */
export class ClassicMembership {
  readonly #context: GroupContext;
  readonly #rebalance: ClassicRebalance;

  constructor(context: GroupContext, rebalance: ClassicRebalance) {
    this.#context = context;
    this.#rebalance = rebalance;
  }

  /** SyncGroup. Members wait until the leader's assignment is committed. */
  sync(request: SyncGroupRequest, respond: Respond<SyncResponse>): GroupResult {
    const { groupId, memberId } = request;
    const group = this.#context.groups.get(groupId);
    const problem =
      group === undefined || group.isEmpty ? Errors.UNKNOWN_MEMBER_ID : checkSync(group, request);
    if (group === undefined || problem !== Errors.NONE) {
      respond(syncRefused(problem));
      return NO_RECORDS;
    }
    const member = group.member(memberId)!;
    this.#rebalance.synced(group, memberId);
    if (group.state === 'CompletingRebalance') {
      group.awaitSync(member, respond);
      return group.isLeader(memberId) ? this.#assign(group, request) : NO_RECORDS;
    }
    respond({
      errorCode: Errors.NONE,
      protocolType: group.protocolType ?? null,
      protocolName: group.protocolName ?? null,
      assignment: member.assignment,
    });
    return NO_RECORDS;
  }

  /** The leader's assignment: it counts when it is committed. */
  #assign(group: ClassicGroup, request: SyncGroupRequest): GroupResult {
    const { generation } = group;
    const assignments = new Map<string, Buffer>();
    for (const { id } of group.members) assignments.set(id, NO_ASSIGNMENT);
    for (const { memberId, assignment } of request.assignments) {
      if (assignments.has(memberId)) assignments.set(memberId, Buffer.from(assignment));
    }
    const completed = (failure: Failure | undefined) => {
      // The group went on without it, or the same leader's other sync was the first.
      if (group.state !== 'CompletingRebalance' || group.generation !== generation) return;
      if (failure === undefined) this.#stabilize(group, assignments);
      else this.#assignmentLost(group, failure);
    };
    return { records: [groupRecord(group, assignments)], response: undefined, completed };
  }

  #stabilize(group: ClassicGroup, assignments: ReadonlyMap<string, Buffer>): void {
    group.propagateAssignments(assignments, member => this.#rebalance.heardFrom(group, member));
    group.transitionTo('Stable', this.#context.clock.nowMs());
  }

  #assignmentLost(group: ClassicGroup, failure: Failure): void {
    group.dropAssignments(failure.code, member => this.#rebalance.heardFrom(group, member));
    // Nobody has joined again: there is nothing to write yet.
    this.#rebalance.prepare(group, `the assignment could not be written: ${failure.message}`);
  }

  /** Heartbeat: NONE, or what the member has to do. */
  heartbeat({ groupId, memberId, groupInstanceId, generationId }: HeartbeatRequest): ErrorCode {
    const group = this.#context.groups.get(groupId);
    if (group === undefined) return Errors.UNKNOWN_MEMBER_ID;
    const problem = group.checkMember(memberId, groupInstanceId);
    if (problem !== Errors.NONE) return problem;
    if (generationId !== group.generation) return Errors.ILLEGAL_GENERATION;
    this.#rebalance.heardFrom(group, group.member(memberId)!);
    return group.state === 'PreparingRebalance' ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  /** LeaveGroup: each leaves, or is told why not. */
  leave(groupId: string, leaving: readonly LeavingMember[]): CoordinatorResult<LeaveResponse> {
    const group = this.#context.groups.get(groupId);
    const left: string[] = [];
    const members = leaving.map(member => {
      const { memberId, groupInstanceId } = member;
      const errorCode = group === undefined ? Errors.UNKNOWN_MEMBER_ID : this.#leave(group, member);
      if (errorCode === Errors.NONE) left.push(memberId === NO_MEMBER ? (groupInstanceId ?? '') : memberId);
      return { memberId, groupInstanceId, errorCode };
    });
    const result =
      group === undefined || left.length === 0 || group.isEmpty
        ? NO_RECORDS
        : this.#rebalance.membersChanged(group, `${left.join(', ')} left`);
    return { ...result, response: { errorCode: Errors.NONE, members } };
  }

  #leave(group: ClassicGroup, { memberId, groupInstanceId, reason }: LeavingMember): ErrorCode {
    let id = memberId;
    if (memberId === NO_MEMBER) {
      // An administrator removes a static member, whose id nobody else knows.
      const staticId = groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId);
      if (staticId === undefined) return Errors.UNKNOWN_MEMBER_ID;
      id = staticId;
    } else if (!group.pendingJoins.has(memberId)) {
      const problem = group.checkMember(memberId, groupInstanceId);
      if (problem !== Errors.NONE) return problem;
    }
    group.remove(id);
    this.#rebalance.forget(group, id);
    this.#context.logger.info('A member left', { group: group.id, member: id, reason: reason ?? undefined });
    return Errors.NONE;
  }
}

function checkSync(group: ClassicGroup, request: SyncGroupRequest): ErrorCode {
  const { memberId, groupInstanceId, generationId, protocolType, protocolName } = request;
  const problem = group.checkMember(memberId, groupInstanceId);
  if (problem !== Errors.NONE) return problem;
  if (generationId !== group.generation) return Errors.ILLEGAL_GENERATION;
  if (differs(protocolType, group.protocolType) || differs(protocolName, group.protocolName)) {
    return Errors.INCONSISTENT_GROUP_PROTOCOL;
  }
  return group.state === 'PreparingRebalance' ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
}

/** Clients before version 5 do not say. */
const differs = (said: string | null, present: string | undefined) =>
  said !== null && present !== undefined && said !== present;
