import type { JoinGroupRequest } from '../messages/11_join_group.ts';
import { Errors } from '../model/error_codes.ts';
import type { Failure } from '../model/failure.ts';
import { MAX_PROMISED_MEMBER_IDS } from '../model/limits.ts';
import { ClassicGroup } from './classic_group.ts';
import { ClassicMember, type MemberProtocol } from './classic_member.ts';
import { type ClassicRebalance, joinedMembers } from './classic_rebalance.ts';
import { type JoinResponse, joinRefused, type Respond } from './classic_responses.ts';
import { type GroupContext, type GroupResult, NO_RECORDS } from './group_context.ts';
import { groupRecord, newGroupRecord } from './group_records.ts';
import { randomUuidText } from './member_id.ts';

/** From this version on a member without an id is given one first, and joins with it (KIP-394). */
const FIRST_VERSION_WITH_PROMISED_IDS = 4;
/** From this version on a leader may be told to leave the assignment as it is (KIP-814). */
const FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT = 9;
const NO_MEMBER = '';

/** Who sent a request. */
export interface GroupClient {
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
}

/** A join on its way to be answered. */
interface Join {
  readonly request: JoinGroupRequest;
  readonly client: GroupClient;
  /** A copy: the request's own bytes end with it. */
  readonly protocols: readonly MemberProtocol[];
  readonly respond: Respond<JoinResponse>;
}

/** Takes members into classic groups. */
export class ClassicJoin {
  readonly #context: GroupContext;
  readonly #rebalance: ClassicRebalance;

  constructor(context: GroupContext, rebalance: ClassicRebalance) {
    this.#context = context;
    this.#rebalance = rebalance;
  }

  /** JoinGroup. Who has to wait is answered when the generation begins. */
  join(request: JoinGroupRequest, client: GroupClient, respond: Respond<JoinResponse>): GroupResult {
    const { groupId, memberId, protocolType } = request;
    const known = this.#context.groups.get(groupId);
    if (known === undefined && memberId !== NO_MEMBER) {
      respond(joinRefused(memberId, Errors.UNKNOWN_MEMBER_ID));
      return NO_RECORDS;
    }
    const group = known ?? this.#create(groupId);
    const protocols = request.protocols.map(({ name, metadata }) => ({
      name,
      metadata: Buffer.from(metadata),
    }));
    const join: Join = { request, client, protocols, respond };
    if (!this.#hasRoom(group, memberId)) {
      group.remove(memberId);
      this.#rebalance.forget(group, memberId);
      respond(joinRefused(NO_MEMBER, Errors.GROUP_MAX_SIZE_REACHED));
      return NO_RECORDS;
    }
    if (!group.supports(protocolType, protocols)) {
      // A group that nobody could join would not be worth a record.
      if (known === undefined) this.#context.groups.delete(groupId);
      respond(joinRefused(memberId, Errors.INCONSISTENT_GROUP_PROTOCOL));
      return NO_RECORDS;
    }
    const result = memberId === NO_MEMBER ? this.#joinNew(group, join) : this.#joinKnown(group, join);
    return known === undefined ? this.#record(group) : result;
  }

  #create(id: string): ClassicGroup {
    const group = new ClassicGroup({ id, state: 'Empty', stateTimestampMs: this.#context.clock.nowMs() });
    this.#context.groups.set(id, group);
    return group;
  }

  /** A group exists from its first join on; when that can't be written, nothing of it stays. */
  #record(group: ClassicGroup): GroupResult {
    const completed = (failure: Failure | undefined) => {
      if (failure === undefined || this.#context.groups.get(group.id) !== group) return;
      this.#rebalance.drop(group);
      group.failAll(failure.code);
      this.#context.groups.delete(group.id);
    };
    return { records: [newGroupRecord(group)], response: undefined, completed };
  }

  #hasRoom(group: ClassicGroup, memberId: string): boolean {
    const { groupMaxSize } = this.#context.settings();
    switch (group.state) {
      case 'Empty':
        return true;
      case 'PreparingRebalance':
        return group.isAwaitingJoin(memberId) || group.awaitingJoinCount < groupMaxSize;
      default:
        return group.member(memberId) !== undefined || group.memberCount < groupMaxSize;
    }
  }

  #joinNew(group: ClassicGroup, join: Join): GroupResult {
    const { request, client, respond } = join;
    const { groupInstanceId, sessionTimeoutMs } = request;
    const newId = `${groupInstanceId ?? client.clientId}-${randomUuidText(this.#context.random)}`;
    if (groupInstanceId !== null) {
      const replacedId = group.staticMemberId(groupInstanceId);
      const replaced = replacedId === undefined ? undefined : group.member(replacedId);
      if (replaced !== undefined) return this.#replaceStatic(group, replaced, newId, join);
    } else if (client.apiVersion >= FIRST_VERSION_WITH_PROMISED_IDS) {
      if (group.pendingJoins.size >= MAX_PROMISED_MEMBER_IDS) {
        respond(joinRefused(NO_MEMBER, Errors.COORDINATOR_NOT_AVAILABLE));
        return NO_RECORDS;
      }
      this.#rebalance.promised(group, newId, sessionTimeoutMs);
      respond(joinRefused(newId, Errors.MEMBER_ID_REQUIRED));
      return NO_RECORDS;
    }
    return this.#addMember(group, newId, join);
  }

  #addMember(group: ClassicGroup, id: string, { request, client, protocols, respond }: Join): GroupResult {
    const member = new ClassicMember({
      id,
      instanceId: request.groupInstanceId,
      clientId: client.clientId,
      clientHost: client.clientHost,
      ...timeoutsOf(request),
      protocols,
    });
    member.isNew = true;
    if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.hasNewMember = true;
    group.add(member, request.protocolType, respond);
    this.#rebalance.added(group, member);
    return this.#rebalance.membersChanged(group, `${id} joins: ${reasonOf(request)}`);
  }

  #joinKnown(group: ClassicGroup, join: Join): GroupResult {
    const { request, respond } = join;
    const { memberId, groupInstanceId } = request;
    if (group.pendingJoins.has(memberId) && groupInstanceId === null) {
      return this.#addMember(group, memberId, join);
    }
    const problem = group.checkMember(memberId, groupInstanceId);
    if (problem !== Errors.NONE) {
      respond(joinRefused(memberId, problem));
      return NO_RECORDS;
    }
    const member = group.member(memberId)!;
    const isUnchanged = member.offers(join.protocols);
    // The leader asks for a rebalance by joining a stable group again: it saw that the topics changed.
    const isLeader = group.isLeader(memberId);
    if (group.state === 'PreparingRebalance' || !isUnchanged || (group.state === 'Stable' && isLeader)) {
      group.update(member, { protocols: join.protocols, ...timeoutsOf(request) });
      group.awaitJoin(member, respond);
      return this.#rebalance.membersChanged(group, `${memberId} joins again: ${reasonOf(request)}`);
    }
    // It did not get the answer to its last join: nothing changed since.
    const isAssigning = group.state === 'CompletingRebalance' && isLeader;
    respond(presentGeneration(group, memberId, isAssigning ? joinedMembers(group) : []));
    return NO_RECORDS;
  }

  /** A static member came back without its id: it takes the place of its former self. */
  #replaceStatic(group: ClassicGroup, old: ClassicMember, newId: string, join: Join): GroupResult {
    const { request, protocols, respond } = join;
    const leaderBefore = group.leaderId ?? '';
    const member = new ClassicMember({ ...old, id: newId });
    group.replaceStatic(old, member);
    this.#rebalance.forget(group, old.id);
    this.#rebalance.heardFrom(group, member);
    group.update(member, { protocols, ...timeoutsOf(request) });
    group.awaitJoin(member, respond);
    this.#context.logger.info('A static member is replaced by its next run', {
      group: group.id,
      instance: member.instanceId,
      member: newId,
      replaced: old.id,
    });
    const reason = `the static member ${newId} came back: ${reasonOf(request)}`;
    if (group.state === 'CompletingRebalance') return this.#rebalance.prepare(group, reason);
    if (group.state !== 'Stable') return this.#rebalance.completeIfJoined(group);
    if (group.selectProtocol() !== group.protocolName) return this.#rebalance.membersChanged(group, reason);
    return this.#keepGeneration(group, { old, member, leaderBefore, join });
  }

  /** The group goes on as it is; only the new id is written. */
  #keepGeneration(group: ClassicGroup, { old, member, leaderBefore, join }: Replacement): GroupResult {
    const completed = (failure: Failure | undefined) => {
      // It was replaced once more meanwhile, or left.
      if (group.member(member.id) !== member || !group.isAwaitingJoin(member.id)) return;
      if (failure !== undefined) {
        group.completeJoin(member.id, joinRefused(NO_MEMBER, failure.code));
        group.replaceStatic(member, old);
        this.#rebalance.forget(group, member.id);
        this.#rebalance.heardFrom(group, old);
        return;
      }
      // A leader of a newer client learns that it leads, and that there is nothing to assign; an older one would
      // assign, and is not told.
      const isTold = join.client.apiVersion >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT;
      const isLeader = isTold && group.isLeader(member.id);
      const response = presentGeneration(group, member.id, isLeader ? joinedMembers(group) : []);
      group.completeJoin(
        member.id,
        isTold ? { ...response, skipAssignment: isLeader } : { ...response, leader: leaderBefore },
      );
    };
    return { records: [groupRecord(group)], response: undefined, completed };
  }
}

interface Replacement {
  readonly old: ClassicMember;
  readonly member: ClassicMember;
  readonly leaderBefore: string;
  readonly join: Join;
}

function presentGeneration(
  group: ClassicGroup,
  memberId: string,
  members: JoinResponse['members'],
): JoinResponse {
  return {
    errorCode: Errors.NONE,
    generationId: group.generation,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName ?? null,
    leader: group.leaderId ?? '',
    memberId,
    members,
  };
}

/** Version 0 has no rebalance timeout: the session's counts. */
function timeoutsOf({ rebalanceTimeoutMs, sessionTimeoutMs }: JoinGroupRequest) {
  return {
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    sessionTimeoutMs,
  };
}

const reasonOf = ({ reason }: JoinGroupRequest) =>
  reason === null || reason === '' ? 'not told why' : reason;
