import { JoinGroup, type JoinGroupResponse } from '../../messages/11_join_group.ts';
import { Heartbeat } from '../../messages/12_heartbeat.ts';
import { LeaveGroup } from '../../messages/13_leave_group.ts';
import { SyncGroup } from '../../messages/14_sync_group.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { Timer } from '../../model/ports.ts';
import type { PeerClient } from '../../peers/peer_client.ts';
import type { ClusterClient, Target } from '../cluster_client.ts';
import { backoffMs, pause } from '../retries.ts';
import { partitionKey, type TopicPartition } from '../topic_partition.ts';
import type { Assignor, GroupMemberFacts } from './assignor.ts';
import type { Committer } from './group_offsets.ts';
import type { GroupOptions } from './group_options.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './subscription.ts';

/** Who reads the partitions that the member has. Each call ends before the next begins. */
export interface GroupListener {
  /** These are the member's from now on, besides those that it has. */
  assigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** These are given up: until this ends nobody else gets them, so what was read can be committed. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** These are somebody else's already: nothing can be committed for them. */
  lost(partitions: readonly TopicPartition[]): Promise<void>;
  /** The group does not take the member, for the reason in its `failure`. */
  refused(): void;
}

/** Besides the rebalance itself, a join may take so long. */
const JOIN_GRACE_MS = 5_000;
const PROTOCOL_TYPE = 'consumer';
/** From these versions on requests name static members, and several that leave. */
const FIRST_JOIN_WITH_INSTANCE = 5;
const FIRST_WITH_INSTANCE = 3;
const FIRST_LEAVE_OF_SEVERAL = 3;

/** What makes a member one no more: it joins as a new one. */
const EXPELLED: ReadonlySet<ErrorCode> = new Set([Errors.UNKNOWN_MEMBER_ID, Errors.ILLEGAL_GENERATION]);

/**
 * A member of a classic consumer group: joins, assigns the partitions if it is the leader, shows that it is alive, and
 * joins again when the group changes.
 *
 *     outside → joining → syncing → member → joining (the group changes)
 *     any → outside: expelled, its partitions are lost · any → left
 */
export class GroupMember {
  readonly #client: ClusterClient;
  readonly #options: GroupOptions;
  readonly #listener: GroupListener;
  /** Joining is parked until the group is complete: nothing else waits behind it. */
  readonly #lane: PeerClient;
  readonly #target: Target;
  #memberId = '';
  /** -1 outside of the group. */
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  /** What the leader distributed: another count of partitions is a reason to do it again. */
  #distributed: ReadonlyMap<string, number> | undefined;
  /** Why the member has to join again, or is out. */
  #news: 'rejoin' | 'expelled' | undefined;
  #wake: (() => void) | undefined;
  #timer: Timer | undefined;
  #isBeating = false;
  #lastHeardMs = 0;
  #isClosed = false;
  /** Why it can never be a member. */
  #failure: Failure | undefined;
  #ended: Promise<void> | undefined;

  constructor(client: ClusterClient, options: GroupOptions, listener: GroupListener) {
    this.#client = client;
    this.#options = options;
    this.#listener = listener;
    this.#lane = client.openLane();
    this.#target = { coordinatorOf: { type: 'group', key: options.groupId } };
    for (const topic of options.topics) client.watchTopic(topic);
  }

  get owned(): readonly TopicPartition[] {
    return this.#owned;
  }

  get memberId(): string {
    return this.#memberId;
  }

  /** -1 outside of the group. */
  get generation(): number {
    return this.#generation;
  }

  /** Why it is out for good: the group does not take it. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** In whose name offsets are committed. */
  get committer(): Committer {
    const { groupId, groupInstanceId } = this.#options;
    return { groupId, groupInstanceId, memberId: this.#memberId, generation: this.#generation };
  }

  start(): void {
    this.#ended ??= this.#run();
  }

  /** For a commit that was refused, and a consumer that does not poll: joins again, as a new member if `isExpelled`. */
  rejoin(isExpelled: boolean): void {
    if (this.#news !== 'expelled') this.#news = isExpelled ? 'expelled' : 'rejoin';
    this.#wake?.();
  }

  /** Gives its partitions up and leaves; a static member stays in the group until its session ends. */
  async leave(): Promise<void> {
    this.#isClosed = true;
    // A join that waits for the other members is given up.
    this.#client.closeLane(this.#lane);
    this.#wake?.();
    await this.#ended;
    this.#timer?.cancel();
    await this.#revoke(this.#owned);
    await this.#sayGoodbye('the consumer is closed');
    this.#generation = -1;
  }

  /** The member does nothing any more, and others shall have its partitions; it joins again as a new one. */
  async abandon(): Promise<void> {
    this.rejoin(true);
    await this.#sayGoodbye('the consumer does not poll');
  }

  async #sayGoodbye(reason: string): Promise<void> {
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    if (memberId === '' || groupInstanceId !== null || this.#client.isClosed) return;
    await this.#client.request(
      this.#target,
      LeaveGroup,
      version =>
        version >= FIRST_LEAVE_OF_SEVERAL
          ? { groupId, memberId: '', members: [{ memberId, reason }] }
          : { groupId, memberId, members: [] },
      { timeoutMs: this.#client.timeouts.requestTimeoutMs },
    );
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#client.ports;
    let failures = 0;
    while (!this.#isClosed && !this.#client.isClosed) {
      const failure = (await this.#rebalance()) ?? (await this.#stay());
      if (failure === undefined) {
        failures = 0;
        continue;
      }
      if (this.#isClosed) return;
      if (!this.#canRecover(failure.code)) {
        this.#failure = failure;
        this.#listener.refused();
        await this.#lose();
        return;
      }
      if (failure.code === Errors.MEMBER_ID_REQUIRED || failure.code === Errors.REBALANCE_IN_PROGRESS)
        continue;
      failures++;
      await pause(clock, backoffMs(failures, this.#client.timeouts, random));
    }
  }

  #canRecover(code: ErrorCode): boolean {
    return (
      isRetriable(code) ||
      EXPELLED.has(code) ||
      code === Errors.MEMBER_ID_REQUIRED ||
      code === Errors.REBALANCE_IN_PROGRESS
    );
  }

  /** Joins the group and takes what it is assigned. */
  async #rebalance(): Promise<Failure | undefined> {
    this.#news = undefined;
    if (!this.#isCooperative) await this.#revoke(this.#owned);
    const joined = await this.#join();
    if (failed(joined)) return await this.#expelledBy(joined);
    this.#generation = joined.generationId;
    // What heartbeats said meanwhile was about the generation before.
    this.#news = undefined;
    this.#beatLater();
    const assignments = await this.#assignmentsOf(joined);
    if (failed(assignments)) return assignments;
    const assigned = await this.#sync(joined, assignments);
    if (failed(assigned)) return await this.#expelledBy(assigned);
    await this.#take(assigned);
    return undefined;
  }

  get #isCooperative(): boolean {
    return this.#options.assignors.every(({ isCooperative }) => isCooperative);
  }

  async #expelledBy(failure: Failure): Promise<Failure> {
    if (EXPELLED.has(failure.code)) await this.#lose();
    return failure;
  }

  async #join(): Promise<JoinGroupResponse | Failure> {
    const { assignors, groupId, groupInstanceId, maxPollIntervalMs, sessionTimeoutMs, topics } =
      this.#options;
    const metadata = encodeSubscription({
      topics,
      ownedPartitions: this.#owned,
      generation: this.#generation,
    });
    const response = await this.#client.request(
      this.#target,
      JoinGroup,
      version => ({
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs: maxPollIntervalMs,
        memberId: this.#memberId,
        groupInstanceId: version >= FIRST_JOIN_WITH_INSTANCE ? groupInstanceId : null,
        protocolType: PROTOCOL_TYPE,
        protocols: assignors.map(({ name }) => ({ name, metadata })),
      }),
      {
        lane: this.#lane,
        isWanted: () => !this.#isClosed,
        timeoutMs: maxPollIntervalMs + JOIN_GRACE_MS,
        attemptTimeoutMs: maxPollIntervalMs + JOIN_GRACE_MS,
        errorOf: ({ errorCode, memberId }) => {
          if (errorCode === Errors.MEMBER_ID_REQUIRED) this.#memberId = memberId;
          return groupFailure(errorCode as ErrorCode, `Cannot join the group "${groupId}"`);
        },
      },
    );
    if (!failed(response)) this.#memberId = response.memberId;
    return response;
  }

  /** What the group's leader hands out; nothing for the other members. */
  async #assignmentsOf(joined: JoinGroupResponse): Promise<Map<string, TopicPartition[]> | Failure> {
    this.#distributed = undefined;
    if (joined.leader !== joined.memberId || joined.skipAssignment) return new Map();
    const assignor = this.#options.assignors.find(({ name }) => name === joined.protocolName);
    if (assignor === undefined) {
      const text = `The group "${this.#options.groupId}" chose the assignor "${joined.protocolName}", which is none of this member's`;
      return new Failure(Errors.INCONSISTENT_GROUP_PROTOCOL, text);
    }
    const members: GroupMemberFacts[] = [];
    for (const { groupInstanceId, memberId, metadata } of joined.members) {
      const subscription = decodeSubscription(metadata);
      if (failed(subscription)) return subscription;
      members.push({ memberId, groupInstanceId, subscription });
    }
    return await this.#distribute(assignor, members);
  }

  async #distribute(
    assignor: Assignor,
    members: readonly GroupMemberFacts[],
  ): Promise<Map<string, TopicPartition[]> | Failure> {
    const topics = new Set(members.flatMap(({ subscription }) => subscription.topics));
    for (const topic of topics) this.#client.watchTopic(topic);
    const failure = await this.#client.refreshMetadata(this.#client.timeouts.requestTimeoutMs);
    if (failure !== undefined) return failure;
    this.#distributed = this.#partitionCounts(topics);
    return assignor.assign(members, this.#distributed);
  }

  #partitionCounts(topics: Iterable<string>): Map<string, number> {
    const counts = new Map<string, number>();
    for (const topic of [...topics].sort()) {
      const count = this.#client.metadata.topic(topic)?.partitions.length ?? 0;
      counts.set(topic, count);
    }
    return counts;
  }

  async #sync(
    { generationId, memberId, protocolName, protocolType }: JoinGroupResponse,
    assignments: ReadonlyMap<string, readonly TopicPartition[]>,
  ): Promise<TopicPartition[] | Failure> {
    const { groupId, groupInstanceId, maxPollIntervalMs } = this.#options;
    const response = await this.#client.request(
      this.#target,
      SyncGroup,
      version => ({
        groupId,
        generationId,
        memberId,
        groupInstanceId: version >= FIRST_WITH_INSTANCE ? groupInstanceId : null,
        protocolType: protocolType ?? PROTOCOL_TYPE,
        protocolName,
        assignments: Array.from(assignments, ([id, partitions]) => ({
          memberId: id,
          assignment: encodeAssignment(partitions),
        })),
      }),
      {
        lane: this.#lane,
        isWanted: () => !this.#isClosed,
        timeoutMs: maxPollIntervalMs + JOIN_GRACE_MS,
        attemptTimeoutMs: maxPollIntervalMs + JOIN_GRACE_MS,
        errorOf: ({ errorCode }) =>
          groupFailure(errorCode as ErrorCode, `Cannot get an assignment of the group "${groupId}"`),
      },
    );
    return failed(response) ? response : decodeAssignment(response.assignment);
  }

  async #take(assigned: readonly TopicPartition[]): Promise<void> {
    const wanted = new Set(assigned.map(partitionKey));
    const had = new Set(this.#owned.map(partitionKey));
    const revoked = this.#owned.filter(partition => !wanted.has(partitionKey(partition)));
    await this.#revoke(revoked);
    const added = assigned.filter(partition => !had.has(partitionKey(partition)));
    this.#owned = assigned;
    await this.#listener.assigned(added);
    // What was given up can go to another member now.
    if (revoked.length > 0 && this.#isCooperative) this.#news = 'rejoin';
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    await this.#listener.revoked(partitions);
    const gone = new Set(partitions.map(partitionKey));
    this.#owned = this.#owned.filter(partition => !gone.has(partitionKey(partition)));
  }

  /** The group took the member for dead: what it had is others'. */
  async #lose(): Promise<void> {
    const lost = this.#owned;
    this.#owned = [];
    this.#generation = -1;
    this.#memberId = '';
    this.#timer?.cancel();
    if (lost.length > 0) await this.#listener.lost(lost);
  }

  /** Is a member until there is news. */
  async #stay(): Promise<Failure | undefined> {
    while (this.#news === undefined && !this.#isClosed) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
    if (this.#news === 'expelled') await this.#lose();
    return undefined;
  }

  #beatLater(): void {
    const { clock } = this.#client.ports;
    this.#lastHeardMs = clock.monotonicMs();
    this.#timer?.cancel();
    this.#timer = clock.startTimer(this.#options.heartbeatIntervalMs, () => void this.#beat());
  }

  /** Tells the coordinator that the member is alive; the next one follows. */
  async #beat(): Promise<void> {
    if (this.#isBeating || this.#generation < 0 || this.#client.isClosed) return;
    this.#isBeating = true;
    const { groupId, groupInstanceId, heartbeatIntervalMs, sessionTimeoutMs } = this.#options;
    const { clock } = this.#client.ports;
    const [generation, memberId] = [this.#generation, this.#memberId];
    const response = await this.#client.request(
      this.#target,
      Heartbeat,
      version => ({
        groupId,
        generationId: generation,
        memberId,
        groupInstanceId: version >= FIRST_WITH_INSTANCE ? groupInstanceId : null,
      }),
      {
        timeoutMs: Math.max(heartbeatIntervalMs, sessionTimeoutMs - heartbeatIntervalMs),
        attemptTimeoutMs: Math.min(sessionTimeoutMs, this.#client.timeouts.requestTimeoutMs),
        errorOf: ({ errorCode }) =>
          groupFailure(errorCode as ErrorCode, `The group "${groupId}" takes no heartbeat`),
      },
    );
    this.#isBeating = false;
    if (this.#client.isClosed) return;
    // Of a membership that ended meanwhile.
    const isStale = generation !== this.#generation || memberId !== this.#memberId;
    if (!failed(response)) this.#lastHeardMs = clock.monotonicMs();
    else if (!isStale) this.#heardOf(response);
    if (this.#generation < 0) return;
    void this.#client.refreshOldMetadata();
    this.#watchPartitions();
    this.#timer?.cancel();
    this.#timer = clock.startTimer(heartbeatIntervalMs, () => void this.#beat());
  }

  #heardOf(failure: Failure): void {
    const { clock } = this.#client.ports;
    if (failure.code === Errors.REBALANCE_IN_PROGRESS) {
      this.#lastHeardMs = clock.monotonicMs();
      this.rejoin(false);
    } else if (failure.code === Errors.FENCED_INSTANCE_ID) {
      this.#failure = failure;
      this.#listener.refused();
      this.#isClosed = true;
      void this.#lose();
      this.#wake?.();
    } else if (EXPELLED.has(failure.code)) {
      this.rejoin(true);
    } else if (clock.monotonicMs() - this.#lastHeardMs >= this.#options.sessionTimeoutMs) {
      // The coordinator must have given the partitions to others by now.
      this.rejoin(true);
    }
  }

  /** The leader sees to it that partitions that come up are read. */
  #watchPartitions(): void {
    const before = this.#distributed;
    if (before === undefined) return;
    const now = this.#partitionCounts(before.keys());
    for (const [topic, count] of now) if (count !== before.get(topic)) this.rejoin(false);
  }
}

function groupFailure(code: ErrorCode, text: string): Failure | undefined {
  return code === Errors.NONE ? undefined : new Failure(code, `${text}: ${errorText(code)}`);
}
