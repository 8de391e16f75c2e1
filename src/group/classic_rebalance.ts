import { Errors } from '../model/error_codes.ts';
import type { ClassicGroup } from './classic_group.ts';
import type { ClassicMember } from './classic_member.ts';
import { type GroupContext, type GroupResult, NO_RECORDS } from './group_context.ts';
import { groupRecord } from './group_records.ts';

/** How long a member that joins for the first time may take until its first generation begins. */
const NEW_MEMBER_TIMEOUT_MS = 5 * 60_000;

/** Brings a classic group from one generation to the next, and finds its dead members. */
export class ClassicRebalance {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** The group's members changed: begins a rebalance, or ends the one that goes on when all are there. */
  membersChanged(group: ClassicGroup, reason: string): GroupResult {
    return group.canRebalance ? this.prepare(group, reason) : this.completeIfJoined(group);
  }

  /** Begins a rebalance: everyone has to join again, within the rebalance timeout. */
  prepare(group: ClassicGroup, reason: string): GroupResult {
    const { clock, logger } = this.#context;
    if (group.state === 'CompletingRebalance') {
      group.dropAssignments(Errors.REBALANCE_IN_PROGRESS, member => this.heardFrom(group, member));
    }
    this.#forgetSyncs(group);
    const isInitial = group.isEmpty;
    group.transitionTo('PreparingRebalance', clock.nowMs());
    logger.info('A group rebalances', { group: group.id, generation: group.generation, reason });
    if (!isInitial) return this.#completeOrWait(group);
    group.hasNewMember = false;
    const { groupInitialRebalanceDelayMs: delayMs } = this.#context.settings();
    this.#waitForMore(group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
    return NO_RECORDS;
  }

  /** Ends the joining when everyone is there. An initial rebalance waits for members that nobody knows of yet. */
  completeIfJoined(group: ClassicGroup): GroupResult {
    const isWaiting =
      group.state === 'PreparingRebalance' && group.previousState !== 'Empty' && group.hasAllMembersJoined;
    return isWaiting ? this.#completeJoin(group) : NO_RECORDS;
  }

  #completeOrWait(group: ClassicGroup): GroupResult {
    if (group.hasAllMembersJoined) return this.#completeJoin(group);
    this.#scheduleJoin(group, group.rebalanceTimeoutMs, found => this.#completeJoin(found));
    return NO_RECORDS;
  }

  /** Prolongs an initial rebalance as long as members come, up to the rebalance timeout. */
  #waitForMore(group: ClassicGroup, delayMs: number, remainingMs: number): void {
    this.#scheduleJoin(group, delayMs, found => {
      if (!found.hasNewMember || remainingMs === 0) return this.#completeJoin(found);
      found.hasNewMember = false;
      const { groupInitialRebalanceDelayMs } = this.#context.settings();
      const nextMs = Math.min(groupInitialRebalanceDelayMs, remainingMs);
      this.#waitForMore(found, nextMs, Math.max(remainingMs - delayMs, 0));
      return NO_RECORDS;
    });
  }

  #scheduleJoin({ id }: ClassicGroup, delayMs: number, due: (group: ClassicGroup) => GroupResult): void {
    this.#context.timers.schedule(joinKey(id), delayMs, () => {
      const group = this.#context.groups.get(id);
      if (group?.state === 'PreparingRebalance') return due(group);
      // It ran before, and its record was refused: that the last member is gone is to be known all the same.
      return group?.isEmpty === true ? this.#recordEmpty(group) : NO_RECORDS;
    });
  }

  /** Begins the next generation with those who joined. */
  #completeJoin(group: ClassicGroup): GroupResult {
    const { clock, logger, timers } = this.#context;
    timers.cancel(joinKey(group.id));
    this.#removeAbsent(group);
    if (group.memberCount > 0 && !group.electJoinedLeader()) {
      logger.warn('No member of a group joined again in time: it waits once more', { group: group.id });
      this.#scheduleJoin(group, group.rebalanceTimeoutMs, found => this.#completeJoin(found));
      return NO_RECORDS;
    }
    group.beginGeneration(clock.nowMs());
    const { generation, memberCount: members } = group;
    if (group.isEmpty) {
      logger.info('A group is empty', { group: group.id, generation });
      return this.#recordEmpty(group);
    }
    logger.info('A group has its members', { group: group.id, generation, members });
    for (const member of group.members) this.#answerJoin(group, member);
    this.#scheduleSync(group);
    return NO_RECORDS;
  }

  /** Members that did not join again are given up, but for static ones: those have until their session ends. */
  #removeAbsent(group: ClassicGroup): void {
    for (const member of [...group.members]) {
      if (member.instanceId !== null || group.isAwaitingJoin(member.id)) continue;
      this.#context.logger.info('A member did not join again in time and is removed', {
        group: group.id,
        member: member.id,
      });
      group.remove(member.id);
      this.forget(group, member.id);
    }
  }

  #recordEmpty(group: ClassicGroup): GroupResult {
    return { records: [groupRecord(group)], response: undefined };
  }

  #answerJoin(group: ClassicGroup, member: ClassicMember): void {
    const isLeader = group.isLeader(member.id);
    group.completeJoin(member.id, {
      errorCode: Errors.NONE,
      generationId: group.generation,
      protocolType: group.protocolType ?? null,
      protocolName: group.protocolName ?? null,
      leader: group.leaderId ?? '',
      memberId: member.id,
      members: isLeader ? joinedMembers(group) : [],
    });
    member.isNew = false;
    this.heardFrom(group, member);
    group.pendingSyncs.add(member.id);
  }

  /** Who does not sync within the rebalance timeout is removed, and the others rebalance without it. */
  #scheduleSync({ id, generation, rebalanceTimeoutMs }: ClassicGroup): void {
    this.#context.timers.schedule(syncKey(id), rebalanceTimeoutMs, () => {
      const group = this.#context.groups.get(id);
      if (group === undefined || group.generation !== generation || group.pendingSyncs.size === 0) {
        return NO_RECORDS;
      }
      if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return NO_RECORDS;
      const silent = [...group.pendingSyncs];
      for (const memberId of silent) {
        group.remove(memberId);
        this.forget(group, memberId);
      }
      return this.prepare(group, `${silent.join(', ')} did not sync in time`);
    });
  }

  /** A member of the generation synced. */
  synced(group: ClassicGroup, memberId: string): void {
    group.pendingSyncs.delete(memberId);
    if (group.pendingSyncs.size === 0) this.#context.timers.cancel(syncKey(group.id));
  }

  #forgetSyncs(group: ClassicGroup): void {
    group.pendingSyncs.clear();
    this.#context.timers.cancel(syncKey(group.id));
  }

  /** A member gave a sign of life: its session begins anew. */
  heardFrom(group: ClassicGroup, member: ClassicMember): void {
    this.#scheduleSession(group, member.id, member.sessionTimeoutMs);
  }

  /** A member was added: it can't say that it lives before its first join is answered, which may take long. */
  added(group: ClassicGroup, member: ClassicMember): void {
    this.#scheduleSession(group, member.id, NEW_MEMBER_TIMEOUT_MS);
  }

  /** An id was given out: whoever has it must come back with it before the session is over. */
  promised(group: ClassicGroup, memberId: string, sessionTimeoutMs: number): void {
    group.pendingJoins.add(memberId);
    this.#scheduleSession(group, memberId, sessionTimeoutMs);
  }

  /** A member is gone: there is no session to end. */
  forget(group: ClassicGroup, memberId: string): void {
    this.#context.timers.cancel(sessionKey(group.id, memberId));
  }

  #scheduleSession({ id }: ClassicGroup, memberId: string, timeoutMs: number): void {
    this.#context.timers.schedule(sessionKey(id, memberId), timeoutMs, () => {
      const group = this.#context.groups.get(id);
      return group === undefined ? NO_RECORDS : this.#sessionOver(group, memberId);
    });
  }

  #sessionOver(group: ClassicGroup, memberId: string): GroupResult {
    const { logger } = this.#context;
    if (group.pendingJoins.has(memberId)) {
      logger.info('A member id that was given out is dropped: nobody came back with it', {
        group: group.id,
        member: memberId,
      });
      group.remove(memberId);
      return this.#completeIfAllJoined(group);
    }
    const member = group.member(memberId);
    if (member === undefined || group.satisfiesHeartbeat(member)) return NO_RECORDS;
    logger.info('A member was silent for too long and is removed', { group: group.id, member: memberId });
    group.remove(memberId);
    if (group.state !== 'PreparingRebalance')
      return this.prepare(group, `${memberId} was silent for too long`);
    return this.#completeIfAllJoined(group);
  }

  /** The same for an initial rebalance, which a member that goes may end. */
  #completeIfAllJoined(group: ClassicGroup): GroupResult {
    const isDone = group.state === 'PreparingRebalance' && group.hasAllMembersJoined;
    return isDone ? this.#completeJoin(group) : NO_RECORDS;
  }

  /** The group is gone: nothing of it is waited for. */
  drop(group: ClassicGroup): void {
    this.#context.timers.cancel(joinKey(group.id));
    this.#context.timers.cancel(syncKey(group.id));
    for (const { id } of group.members) this.forget(group, id);
    for (const id of group.pendingJoins) this.forget(group, id);
  }
}

/** What a group's leader is told of its members. */
export function joinedMembers(group: ClassicGroup) {
  return Array.from(group.members, member => ({
    memberId: member.id,
    groupInstanceId: member.instanceId,
    metadata: member.metadataOf(group.protocolName),
  }));
}

// The length keeps the ids apart: both are the clients' own texts.
const sessionKey = (group: string, member: string) => `session ${group.length} ${group} ${member}`;
const joinKey = (group: string) => `join ${group}`;
const syncKey = (group: string) => `sync ${group}`;
