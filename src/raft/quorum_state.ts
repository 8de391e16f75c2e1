import { assert } from '../model/assert.ts';
import { asLeaderEpoch, type LeaderEpoch, type NodeId, type Offset } from '../model/ids.ts';
import { LeaderState } from './leader_state.ts';
import { matchesReplica, type ReplicaKey, replicaText, sameReplica } from './replica_key.ts';
import { VoteTally } from './vote_tally.ts';
import type { NamedEndpoint, VoterSet } from './voter_set.ts';

/*
 * Which role this node has in the quorum, and what it has promised. Decides alone: time and chance come in, nothing
 * is read, written or sent here. Times are monotonic milliseconds.
 *
 * A voter goes from
 *     Unattached   to Unattached    a higher epoch was seen, or it granted its vote in this one
 *                  to Prospective   the election timeout passed
 *                  to Follower      the leader of this or of a higher epoch was found
 *     Prospective  to Candidate     a majority would vote for it (KIP-996)
 *                  to Unattached    a majority would not, or time is over, and it knows of no leader; a higher epoch
 *                                   was seen; it granted its vote in this one
 *                  to Follower      a majority would not, or time is over, and it knows the leader; a leader was found
 *     Candidate    to Leader        a majority voted for it
 *                  to Prospective   the election timeout passed
 *                  to Unattached    a higher epoch was seen
 *                  to Follower      the leader of this or of a higher epoch was found
 *     Leader       to Resigned      it gives up: shutdown, a majority lost, not a voter any more, asked to
 *                  to Unattached    a higher epoch was seen
 *                  to Follower      the leader of a higher epoch was found
 *     Resigned     to Unattached    a higher epoch was seen, or the election timeout passed (into the next epoch)
 *                  to Follower      the leader of a higher epoch was found
 *     Follower     to Prospective   the fetch timeout passed, or the leader's process is gone
 *                  to Unattached    a higher epoch was seen
 *                  to Follower      the leader of a higher epoch was found, or more endpoints of this one
 *
 * An observer is only ever Unattached or Follower. (It may vote when it is asked, as it may not know yet that it is a
 * voter, but it asks for votes only while its own removal from the voters may not be committed.)
 *
 * What binds a node across restarts is its promise: the epoch, and the vote in it. Who leads is knowledge, not
 * promise. A candidate or leader that was restarted never goes on in its epoch: its log may have lost what it wrote.
 */

/** What must be durable before anything that follows from it leaves the node. */
export interface Vow {
  readonly epoch: LeaderEpoch;
  readonly votedKey: ReplicaKey | undefined;
}

/** What is kept in the file `quorum-state`. */
export interface Election extends Vow {
  readonly leaderId: NodeId | undefined;
}

export interface UnattachedState {
  readonly role: 'unattached';
  /** Known without a way to reach it. */
  readonly leaderId: NodeId | undefined;
  readonly leaderEndpoints: readonly [];
  /** Infinity for an observer. */
  electionDeadlineMs: number;
}

export interface ProspectiveState {
  readonly role: 'prospective';
  readonly leaderId: NodeId | undefined;
  readonly leaderEndpoints: readonly NamedEndpoint[];
  readonly electionDeadlineMs: number;
  readonly tally: VoteTally;
}

export interface CandidateState {
  readonly role: 'candidate';
  readonly leaderId: undefined;
  readonly leaderEndpoints: readonly [];
  readonly electionDeadlineMs: number;
  /** Its own vote is recorded when it is durable. */
  readonly tally: VoteTally;
}

export interface LeadingState {
  readonly role: 'leader';
  readonly leaderId: NodeId;
  readonly leaderEndpoints: readonly NamedEndpoint[];
  readonly leader: LeaderState;
}

export interface ResignedState {
  readonly role: 'resigned';
  readonly leaderId: NodeId;
  readonly leaderEndpoints: readonly NamedEndpoint[];
  readonly electionDeadlineMs: number;
  readonly successors: readonly ReplicaKey[];
  /** Voters that have not answered yet that they know of it. */
  readonly untold: Set<NodeId>;
}

export interface FollowerState {
  readonly role: 'follower';
  readonly leaderId: NodeId;
  /** Never empty. */
  readonly leaderEndpoints: readonly NamedEndpoint[];
  fetchDeadlineMs: number;
  /** Whether the leader has answered a fetch of this epoch: while it does, no other node should lead. */
  hasFetched: boolean;
  /** Whether the leader has said that it gives up, or its process is gone. */
  leaderGone: boolean;
}

export type RoleState =
  | UnattachedState
  | ProspectiveState
  | CandidateState
  | LeadingState
  | ResignedState
  | FollowerState;
export type Role = RoleState['role'];

export interface QuorumTimeouts {
  /** A voter asks for votes after one to two times it without a leader. */
  readonly electionTimeoutMs: number;
  /** A follower without an answer of the leader for so long looks for another. */
  readonly fetchTimeoutMs: number;
}

export interface QuorumStateOptions {
  readonly local: ReplicaKey;
  readonly localEndpoints: readonly NamedEndpoint[];
  /** The voters as of now: the last of the log, committed or not (KIP-853). */
  readonly voters: () => VoterSet;
  /** Whether the node may stand for election; always true for a voter. */
  readonly mayStand: () => boolean;
  readonly timeouts: QuorumTimeouts;
  /** Uniform in [0, 1). */
  readonly fraction: () => number;
}

export class QuorumState {
  readonly local: ReplicaKey;
  readonly #options: QuorumStateOptions;
  /** Never goes back. */
  #epoch: LeaderEpoch;
  /** Never changes within an epoch once it is set. */
  #votedKey: ReplicaKey | undefined;
  #state: RoleState;

  /**
   * Starts with what the node knew when it ended.
   * @param stored what `quorum-state` holds; undefined: nothing was ever promised
   * @param lastEpoch the epoch of the last record in the log, which may be ahead of the file
   */
  constructor(
    options: QuorumStateOptions,
    stored: Election | undefined,
    at: { lastEpoch: LeaderEpoch; nowMs: number },
  ) {
    this.#options = options;
    this.local = options.local;
    const isStale = stored !== undefined && stored.epoch < at.lastEpoch;
    const known = stored === undefined || isStale ? undefined : stored;
    this.#epoch = known?.epoch ?? asLeaderEpoch(Math.max(at.lastEpoch, 0));
    this.#votedKey = known?.leaderId === options.local.id ? options.local : known?.votedKey;
    this.#state = this.#initialState(known?.leaderId, at.nowMs);
  }

  #initialState(leaderId: NodeId | undefined, nowMs: number): RoleState {
    if (leaderId === this.local.id) {
      const hasOthers = this.voters.others(this.local).length > 0;
      return hasOthers
        ? this.#resigned([], nowMs)
        : this.#unattached(undefined, this.#electionDeadline(nowMs));
    }
    const endpoints = leaderId === undefined ? [] : (this.voters.get(leaderId)?.endpoints ?? []);
    if (leaderId !== undefined && endpoints.length > 0) return this.#follower(leaderId, endpoints, nowMs);
    return this.#unattached(leaderId, this.#electionDeadline(nowMs));
  }

  get epoch(): LeaderEpoch {
    return this.#epoch;
  }

  get votedKey(): ReplicaKey | undefined {
    return this.#votedKey;
  }

  get state(): RoleState {
    return this.#state;
  }

  get role(): Role {
    return this.#state.role;
  }

  /** As messages tell it: a node that has resigned is named until the next epoch. */
  get leaderId(): NodeId | undefined {
    return this.#state.leaderId;
  }

  get leaderEndpoints(): readonly NamedEndpoint[] {
    return this.#state.leaderEndpoints;
  }

  get vow(): Vow {
    return { epoch: this.#epoch, votedKey: this.#votedKey };
  }

  get election(): Election {
    return { ...this.vow, leaderId: this.leaderId };
  }

  get voters(): VoterSet {
    return this.#options.voters();
  }

  get isVoter(): boolean {
    return this.voters.isVoter(this.local);
  }

  /**
   * Whether the node may stand for election: a voter may, and one whose own log takes it out of the voters by a change
   * that is not known to be committed (Raft, dissertation §4.2.2). Its log may be the only one that can win.
   */
  get mayStand(): boolean {
    return this.isVoter || this.#options.mayStand();
  }

  /**
   * Whether the node gives its vote in the current epoch, or would give it in the next one (`isPreVote`).
   * @param isLogUpToDate whether the other's log has everything that the own one has
   */
  canGrantVote(candidate: ReplicaKey, question: { isLogUpToDate: boolean; isPreVote: boolean }): boolean {
    const state = this.#state;
    if (question.isPreVote) {
      if (!question.isLogUpToDate || state.role === 'leader') return false;
      return state.role !== 'follower' || !state.hasFetched || state.leaderGone;
    }
    if (state.role !== 'unattached' && state.role !== 'prospective') return false;
    if (this.#votedKey !== undefined) return matchesReplica(this.#votedKey, candidate);
    return state.leaderId === undefined && question.isLogUpToDate;
  }

  /** Whether the vote of the current epoch can still be promised. */
  get canVow(): boolean {
    return this.#votedKey === undefined && (this.role === 'unattached' || this.role === 'prospective');
  }

  /** Promises the vote of the current epoch. The election timeout starts again: that candidate is as good as this. */
  toVoted(candidate: ReplicaKey, nowMs: number): void {
    assert(this.canVow, `${this.#text} can't promise its vote`);
    assert(candidate.id !== this.local.id, 'a node votes for itself as a candidate only');
    this.#votedKey = candidate;
    this.#state = this.#unattached(undefined, this.#electionDeadline(nowMs));
  }

  /** A higher epoch was seen; or, within the epoch, the answers before an election were no. */
  toUnattached(epoch: LeaderEpoch, nowMs: number): void {
    const before = this.#state;
    if (epoch === this.#epoch) {
      assert(before.role === 'prospective', `${this.#text} can't become unattached in its own epoch`);
      this.#state = this.#unattached(before.leaderId, this.#electionDeadline(nowMs));
      return;
    }
    this.#raiseEpoch(epoch);
    const waits =
      before.role === 'unattached' ||
      before.role === 'candidate' ||
      before.role === 'resigned' ||
      (before.role === 'prospective' && !before.tally.isRejected);
    const deadlineMs =
      this.mayStand && waits && Number.isFinite(before.electionDeadlineMs)
        ? before.electionDeadlineMs
        : this.#electionDeadline(nowMs);
    this.#state = this.#unattached(undefined, deadlineMs);
  }

  toFollower(
    epoch: LeaderEpoch,
    leader: { id: NodeId; endpoints: readonly NamedEndpoint[] },
    nowMs: number,
  ): void {
    assert(leader.id !== this.local.id, 'a node does not follow itself');
    assert(leader.endpoints.length > 0, `there is no endpoint to reach leader ${leader.id} by`);
    if (epoch === this.#epoch) {
      const { role, leaderId, leaderEndpoints } = this.#state;
      assert(
        role !== 'leader' && role !== 'resigned',
        `${this.#text} can't follow ${leader.id} in its own epoch`,
      );
      assert(
        leaderId === undefined || leaderId === leader.id,
        `${this.#text} can't follow ${leader.id} as well`,
      );
      assert(
        role !== 'follower' || leaderEndpoints.length < leader.endpoints.length,
        `${this.#text} follows ${leader.id} already`,
      );
    } else {
      this.#raiseEpoch(epoch);
    }
    this.#state = this.#follower(leader.id, leader.endpoints, nowMs);
  }

  /** Asks whether the others would vote for it, without a new epoch. */
  toProspective(nowMs: number): void {
    const { role, leaderId, leaderEndpoints } = this.#state;
    assert(this.mayStand, `${this.#text} is an observer and asks for no votes`);
    assert(
      role === 'unattached' || role === 'follower' || role === 'candidate',
      `${this.#text} can't become prospective`,
    );
    const tally = new VoteTally(this.voters);
    if (this.isVoter) tally.record(this.local.id, true);
    const electionDeadlineMs = this.#electionDeadline(nowMs);
    this.#state = { role: 'prospective', leaderId, leaderEndpoints, electionDeadlineMs, tally };
  }

  /** Stands for election in the next epoch, and promises itself its vote. */
  toCandidate(nowMs: number): void {
    const state = this.#state;
    assert(state.role === 'prospective' && state.tally.isGranted, `${this.#text} can't become a candidate`);
    this.#raiseEpoch(asLeaderEpoch(this.#epoch + 1));
    this.#votedKey = this.local;
    this.#state = {
      role: 'candidate',
      leaderId: undefined,
      leaderEndpoints: [],
      electionDeadlineMs: this.#electionDeadline(nowMs),
      tally: new VoteTally(this.voters),
    };
  }

  /** @param epochStartOffset the end of the log, where the first record of the epoch goes */
  toLeader(epochStartOffset: Offset, nowMs: number): LeaderState {
    const state = this.#state;
    assert(state.role === 'candidate' && state.tally.isGranted, `${this.#text} can't become leader`);
    const leader = new LeaderState({
      local: this.local,
      epoch: this.#epoch,
      epochStartOffset,
      voters: this.voters,
      grantingVoters: state.tally.granting,
      fetchTimeoutMs: this.#options.timeouts.fetchTimeoutMs,
      nowMs,
    });
    const { localEndpoints } = this.#options;
    this.#state = { role: 'leader', leaderId: this.local.id, leaderEndpoints: localEndpoints, leader };
    return leader;
  }

  /** Gives the leadership up. @param successors who should lead next, the best first */
  toResigned(successors: readonly ReplicaKey[], nowMs: number): void {
    assert(this.role === 'leader', `${this.#text} has no leadership to give up`);
    this.#state = this.#resigned(successors, nowMs);
  }

  /** The leader answered a fetch. */
  noteFetched(nowMs: number): void {
    const state = this.#state;
    if (state.role !== 'follower') return;
    state.hasFetched = true;
    if (!state.leaderGone) state.fetchDeadlineMs = nowMs + this.#options.timeouts.fetchTimeoutMs;
  }

  /** The leader has resigned, or its process is gone: this voter asks for votes at `atMs`, as is its turn. */
  noteLeaderGone(atMs: number): void {
    const state = this.#state;
    if (state.role !== 'follower') return;
    state.leaderGone = true;
    state.fetchDeadlineMs = atMs;
  }

  /** A voter without a leader asks for votes at `atMs`, if it would do so later. */
  hasten(atMs: number): void {
    const state = this.#state;
    if (state.role === 'unattached') state.electionDeadlineMs = Math.min(state.electionDeadlineMs, atMs);
  }

  #unattached(leaderId: NodeId | undefined, electionDeadlineMs: number): UnattachedState {
    return { role: 'unattached', leaderId, leaderEndpoints: [], electionDeadlineMs };
  }

  #follower(leaderId: NodeId, leaderEndpoints: readonly NamedEndpoint[], nowMs: number): FollowerState {
    const fetchDeadlineMs = nowMs + this.#options.timeouts.fetchTimeoutMs;
    const nothingYet = { hasFetched: false, leaderGone: false };
    return { role: 'follower', leaderId, leaderEndpoints, fetchDeadlineMs, ...nothingYet };
  }

  #resigned(successors: readonly ReplicaKey[], nowMs: number): ResignedState {
    return {
      role: 'resigned',
      leaderId: this.local.id,
      leaderEndpoints: this.#options.localEndpoints,
      electionDeadlineMs: nowMs + this.#randomElectionTimeoutMs(),
      successors,
      untold: new Set(this.voters.others(this.local).map(voter => voter.key.id)),
    };
  }

  #raiseEpoch(epoch: LeaderEpoch): void {
    assert(epoch > this.#epoch, `the epoch of ${this.#text} can't go back to ${epoch}`);
    this.#epoch = epoch;
    this.#votedKey = undefined;
  }

  #electionDeadline(nowMs: number): number {
    return this.mayStand ? nowMs + this.#randomElectionTimeoutMs() : Number.POSITIVE_INFINITY;
  }

  /** Spread over one to two timeouts, so that voters seldom stand at the same time. */
  #randomElectionTimeoutMs(): number {
    return this.#options.timeouts.electionTimeoutMs * (1 + this.#options.fraction());
  }

  get #text(): string {
    const vote = this.#votedKey === undefined ? '' : `, voted for ${replicaText(this.#votedKey)}`;
    return `node ${replicaText(this.local)} (${this.role} in epoch ${this.#epoch}${vote})`;
  }
}

/** Whether the two bind a node in the same way. */
export function sameVow(left: Vow, right: Vow): boolean {
  if (left.epoch !== right.epoch) return false;
  if (left.votedKey === undefined || right.votedKey === undefined) return left.votedKey === right.votedKey;
  return sameReplica(left.votedKey, right.votedKey);
}
