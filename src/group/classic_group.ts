import { assert } from '../model/assert.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import type { ClassicMember, MemberProtocol } from './classic_member.ts';
import {
  type JoinResponse,
  joinRefused,
  type Respond,
  type SyncResponse,
  syncRefused,
} from './classic_responses.ts';
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from './consumer_protocol.ts';

/** As DescribeGroups and ListGroups name them. */
export type ClassicState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

const TRANSITIONS: Readonly<Record<ClassicState, readonly ClassicState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['CompletingRebalance', 'Empty'],
  CompletingRebalance: ['Stable', 'PreparingRebalance'],
  Stable: ['PreparingRebalance'],
};

const NO_ASSIGNMENT = Buffer.alloc(0);

export interface ClassicGroupOptions {
  readonly id: string;
  readonly state: 'Empty' | 'Stable';
  readonly generation?: number;
  readonly protocolType?: string;
  readonly protocolName?: string;
  readonly leaderId?: string;
  /** Undefined where its record does not say. */
  readonly stateTimestampMs: number | undefined;
}

/**
 * A classic group: its members rebalance by joining, and their leader makes the assignment.
 *
 *     Empty               → PreparingRebalance   a member joins
 *     PreparingRebalance  → CompletingRebalance  all members joined, or the rebalance timeout is over
 *     PreparingRebalance  → Empty                the last member is gone
 *     CompletingRebalance → Stable               the leader's assignment is committed
 *     CompletingRebalance → PreparingRebalance   a member joins, leaves or is found dead, or the assignment is lost
 *     Stable              → PreparingRebalance   the same, or the leader asks for it by joining again
 *
 * A group without members, offsets and record is not there at all, which clients are told as Dead.
 */
export class ClassicGroup {
  readonly id: string;
  #state: ClassicState;
  /** The state before the present one; undefined before the first transition. */
  #previousState: ClassicState | undefined;
  #stateTimestampMs: number | undefined;
  /** Counts the rebalances. */
  #generation: number;
  /** Undefined while the group only stores offsets: no member has ever joined. */
  #protocolType: string | undefined;
  /** The assignor of the generation. */
  #protocolName: string | undefined;
  /** Always one of the members, while there are any. */
  #leaderId: string | undefined;
  readonly #members = new Map<string, ClassicMember>();
  /** How many members offer an assignor, by its name. */
  readonly #offers = new Map<string, number>();
  /** Member ids by instance id: of each static member, and of no other. */
  readonly #staticMembers = new Map<string, string>();
  /** Members, by id, whose join waits for the others. */
  readonly #joins = new Map<string, Respond<JoinResponse>>();
  /** Members, by id, whose sync waits for the leader's. */
  readonly #syncs = new Map<string, Respond<SyncResponse>>();
  /** Ids that were given out with MEMBER_ID_REQUIRED and did not come back yet; none is a member. */
  readonly pendingJoins = new Set<string>();
  /** Members of the generation that did not sync yet. */
  readonly pendingSyncs = new Set<string>();
  /** What the members of the generation subscribe to; undefined where that can't be known. */
  #subscribedTopics: ReadonlySet<string> | undefined;
  /** Of an initial rebalance: a member came since the wait was last prolonged. */
  hasNewMember = false;

  constructor(options: ClassicGroupOptions) {
    this.id = options.id;
    this.#state = options.state;
    this.#stateTimestampMs = options.stateTimestampMs;
    this.#generation = options.generation ?? 0;
    this.#protocolType = options.protocolType;
    this.#protocolName = options.protocolName;
    this.#leaderId = options.leaderId;
  }

  get state(): ClassicState {
    return this.#state;
  }

  get previousState(): ClassicState | undefined {
    return this.#previousState;
  }

  /** When it came into its state, wall-clock milliseconds. */
  get stateTimestampMs(): number | undefined {
    return this.#stateTimestampMs;
  }

  get generation(): number {
    return this.#generation;
  }

  get protocolType(): string | undefined {
    return this.#protocolType;
  }

  get protocolName(): string | undefined {
    return this.#protocolName;
  }

  get leaderId(): string | undefined {
    return this.#leaderId;
  }

  get isEmpty(): boolean {
    return this.#state === 'Empty';
  }

  get members(): Iterable<ClassicMember> {
    return this.#members.values();
  }

  get memberCount(): number {
    return this.#members.size;
  }

  get staticMemberCount(): number {
    return this.#staticMembers.size;
  }

  member(id: string): ClassicMember | undefined {
    return this.#members.get(id);
  }

  staticMemberId(instanceId: string): string | undefined {
    return this.#staticMembers.get(instanceId);
  }

  isLeader(memberId: string): boolean {
    return this.#leaderId === memberId;
  }

  isAwaitingJoin(memberId: string): boolean {
    return this.#joins.has(memberId);
  }

  get awaitingJoinCount(): number {
    return this.#joins.size;
  }

  get hasAllMembersJoined(): boolean {
    return this.#members.size === this.#joins.size && this.pendingJoins.size === 0;
  }

  /** The longest that a member allows. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.#members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  get canRebalance(): boolean {
    return TRANSITIONS[this.#state].includes('PreparingRebalance');
  }

  get isOfConsumers(): boolean {
    return this.#protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  /** Whether a silent member may stay: its next move is the coordinator's. */
  satisfiesHeartbeat(member: ClassicMember): boolean {
    return !member.isNew && (this.#joins.has(member.id) || this.#syncs.has(member.id));
  }

  /** Whether the group knows the member under this identity. */
  checkMember(memberId: string, instanceId: string | null): ErrorCode {
    if (instanceId !== null) {
      const known = this.#staticMembers.get(instanceId);
      if (known === undefined) return Errors.UNKNOWN_MEMBER_ID;
      if (known !== memberId) return Errors.FENCED_INSTANCE_ID;
    }
    return this.#members.has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }

  /** Whether someone with these assignors could take part. */
  supports(protocolType: string, protocols: readonly { readonly name: string }[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0;
    if (protocolType !== this.#protocolType) return false;
    return protocols.some(({ name }) => this.#offers.get(name) === this.#members.size);
  }

  /** Takes a member in; the first one decides on the protocol type, and leads. */
  add(member: ClassicMember, protocolType: string, join?: Respond<JoinResponse>): void {
    assert(!this.#members.has(member.id), `${member.id} is a member of ${this.id} already`);
    if (this.#members.size === 0) this.#protocolType = protocolType;
    assert(this.#protocolType === protocolType, `a member of another protocol type joins ${this.id}`);
    if (member.instanceId !== null) {
      assert(!this.#staticMembers.has(member.instanceId), `${member.instanceId} joins ${this.id} twice`);
      this.#staticMembers.set(member.instanceId, member.id);
    }
    this.#leaderId ??= member.id;
    this.#put(member);
    if (join !== undefined) this.awaitJoin(member, join);
    this.pendingJoins.delete(member.id);
  }

  /** Lets a member go, or an id that was promised to one. What it waits for it is told it will not get. */
  remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member !== undefined) this.#drop(member);
    this.completeJoin(memberId, joinRefused('', Errors.UNKNOWN_MEMBER_ID));
    this.completeSync(memberId, syncRefused(Errors.UNKNOWN_MEMBER_ID));
    if (member !== undefined && member.instanceId !== null) this.#staticMembers.delete(member.instanceId);
    if (this.#leaderId === memberId) this.#leaderId = this.#members.keys().next().value;
    this.pendingJoins.delete(memberId);
    this.pendingSyncs.delete(memberId);
  }

  /** Gives a static member's place to its successor, and fences whoever still waits under the old id. */
  replaceStatic(old: ClassicMember, successor: ClassicMember): void {
    assert(old.instanceId !== null && old.instanceId === successor.instanceId, 'another instance takes over');
    this.completeJoin(old.id, joinRefused(old.id, Errors.FENCED_INSTANCE_ID));
    this.completeSync(old.id, syncRefused(Errors.FENCED_INSTANCE_ID));
    this.#drop(old);
    this.#put(successor);
    this.#staticMembers.set(old.instanceId, successor.id);
    if (this.#leaderId === old.id) this.#leaderId = successor.id;
    // It owes the generation's sync no longer, and its successor is told the assignment.
    if (this.pendingSyncs.delete(old.id)) this.pendingSyncs.add(successor.id);
  }

  update(
    member: ClassicMember,
    change: {
      readonly protocols: readonly MemberProtocol[];
      readonly rebalanceTimeoutMs: number;
      readonly sessionTimeoutMs: number;
    },
  ): void {
    this.#countOffers(member, -1);
    member.protocols = change.protocols;
    this.#countOffers(member, 1);
    member.rebalanceTimeoutMs = change.rebalanceTimeoutMs;
    member.sessionTimeoutMs = change.sessionTimeoutMs;
  }

  /** Parks a member's join. A client that asks again no longer waits for its first answer. */
  awaitJoin({ id }: ClassicMember, respond: Respond<JoinResponse>): void {
    this.completeJoin(id, joinRefused(id, Errors.REBALANCE_IN_PROGRESS));
    this.#joins.set(id, respond);
  }

  completeJoin(memberId: string, response: JoinResponse): void {
    const respond = this.#joins.get(memberId);
    this.#joins.delete(memberId);
    respond?.(response);
  }

  awaitSync({ id }: ClassicMember, respond: Respond<SyncResponse>): void {
    this.completeSync(id, syncRefused(Errors.REBALANCE_IN_PROGRESS));
    this.#syncs.set(id, respond);
  }

  /** @returns whether the member waited */
  completeSync(memberId: string, response: SyncResponse): boolean {
    const respond = this.#syncs.get(memberId);
    this.#syncs.delete(memberId);
    respond?.(response);
    return respond !== undefined;
  }

  /** Has a member lead that is there: one that did not join in time can't. @returns false when nobody joined */
  electJoinedLeader(): boolean {
    if (this.#leaderId !== undefined && this.#joins.has(this.#leaderId)) return true;
    for (const id of this.#members.keys()) {
      if (!this.#joins.has(id)) continue;
      this.#leaderId = id;
      return true;
    }
    return false;
  }

  transitionTo(state: ClassicState, nowMs: number): void {
    assert(TRANSITIONS[this.#state].includes(state), `group ${this.id} goes from ${this.#state} to ${state}`);
    this.#previousState = this.#state;
    this.#state = state;
    this.#stateTimestampMs = nowMs;
  }

  /** Begins the generation of those who are members now; without any, the group is empty. */
  beginGeneration(nowMs: number): void {
    this.#generation++;
    this.#protocolName = this.#members.size === 0 ? undefined : this.selectProtocol();
    this.computeSubscribedTopics();
    this.transitionTo(this.#members.size === 0 ? 'Empty' : 'CompletingRebalance', nowMs);
    this.pendingSyncs.clear();
  }

  /** The assignor that most members prefer among those that all offer. */
  selectProtocol(): string {
    const candidates = this.#candidates();
    const votes = new Map<string, number>();
    for (const member of this.#members.values()) {
      const choice = member.vote(candidates);
      votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    let winner = '';
    for (const [name, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  /** The assignors that all members offer. */
  #candidates(): ReadonlySet<string> {
    const candidates = new Set<string>();
    for (const [name, count] of this.#offers) if (count === this.#members.size) candidates.add(name);
    return candidates;
  }

  #put(member: ClassicMember): void {
    this.#members.set(member.id, member);
    this.#countOffers(member, 1);
  }

  #drop(member: ClassicMember): void {
    this.#members.delete(member.id);
    this.#countOffers(member, -1);
  }

  #countOffers({ protocols }: ClassicMember, change: number): void {
    for (const name of new Set(protocols.map(protocol => protocol.name))) {
      const count = (this.#offers.get(name) ?? 0) + change;
      if (count === 0) this.#offers.delete(name);
      else this.#offers.set(name, count);
    }
  }

  /** Sets every member's assignment, to none where the leader left one out, and answers those who wait for it. */
  propagateAssignments(
    assignments: ReadonlyMap<string, Buffer>,
    answered: (member: ClassicMember) => void,
  ): void {
    for (const member of this.#members.values()) {
      member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT;
      const isAnswered = this.completeSync(member.id, {
        errorCode: Errors.NONE,
        protocolType: this.#protocolType ?? null,
        protocolName: this.#protocolName ?? null,
        assignment: member.assignment,
      });
      if (isAnswered) answered(member);
    }
  }

  /** There will be no assignment of this generation: who waits for it is told so. */
  dropAssignments(errorCode: ErrorCode, answered: (member: ClassicMember) => void): void {
    for (const member of this.#members.values()) {
      member.assignment = NO_ASSIGNMENT;
      if (this.completeSync(member.id, syncRefused(errorCode))) answered(member);
    }
  }

  /** Answers all that wait; the group is not coordinated here any more. */
  failAll(errorCode: ErrorCode): void {
    for (const memberId of [...this.#joins.keys()])
      this.completeJoin(memberId, joinRefused(memberId, errorCode));
    for (const memberId of [...this.#syncs.keys()]) this.completeSync(memberId, syncRefused(errorCode));
  }

  /** To be called when the members or the assignor of a generation are known. */
  computeSubscribedTopics(): void {
    this.#subscribedTopics = this.#readSubscriptions();
  }

  #readSubscriptions(): ReadonlySet<string> | undefined {
    if (!this.isOfConsumers) return undefined;
    const all = new Set<string>();
    if (this.#members.size === 0) return all;
    if (this.#protocolName === undefined) return undefined;
    for (const member of this.#members.values()) {
      const topics = subscribedTopicsOf(member.metadataOf(this.#protocolName));
      if (topics === undefined) return undefined;
      for (const topic of topics) all.add(topic);
    }
    return all;
  }

  /** Whether its consumers may be reading the topic: where that can't be known, they may. */
  isSubscribedTo(topic: string): boolean {
    return this.#subscribedTopics?.has(topic) ?? this.isOfConsumers;
  }

  get knowsSubscriptions(): boolean {
    return this.#subscribedTopics !== undefined;
  }
}
