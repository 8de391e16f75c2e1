import { assert } from '../model/assert.ts';
import type { LeaderEpoch, NodeId, Offset } from '../model/ids.ts';
import { MAX_TRACKED_OBSERVERS } from '../model/limits.ts';
import { matchesReplica, type ReplicaKey, replicaText } from './replica_key.ts';
import type { VoterSet } from './voter_set.ts';

/** An observer that has not fetched for so long is forgotten. */
const OBSERVER_SESSION_MS = 300_000;
/** A leader gives up when a majority has not fetched for so many fetch timeouts. */
const CHECK_QUORUM_FACTOR = 1.5;

/** What the leader knows of a replica. Times are monotonic milliseconds; -Infinity: never. */
export interface ReplicaProgress {
  readonly key: ReplicaKey;
  /** Everything before it is durable there; undefined until it has said so in this epoch. */
  endOffset: Offset | undefined;
  lastFetchMs: number;
  /** When it last had everything that the leader had. */
  lastCaughtUpMs: number;
  /** The leader's end at the last fetch: who reaches it later was caught up then. */
  leaderEndAtLastFetch: Offset | undefined;
}

export interface LeaderStateOptions {
  readonly local: ReplicaKey;
  readonly epoch: LeaderEpoch;
  /** Where the leader's own first record goes: only behind it may anything be committed by counting copies. */
  readonly epochStartOffset: Offset;
  readonly voters: VoterSet;
  readonly grantingVoters: readonly NodeId[];
  readonly fetchTimeoutMs: number;
  readonly nowMs: number;
}

/** How far each replica is, and what follows: the high watermark, and whether the leader still has a majority. */
export class LeaderState {
  readonly epoch: LeaderEpoch;
  readonly epochStartOffset: Offset;
  readonly grantingVoters: readonly NodeId[];
  readonly #local: ReplicaKey;
  readonly #fetchTimeoutMs: number;
  #voters = new Map<NodeId, ReplicaProgress>();
  #observers = new Map<string, ReplicaProgress>();
  /** Never goes back; a majority of voters has everything before it, a record of this epoch among it. */
  #highWatermark: Offset | undefined;
  /** Voters that fetched since the deadline was moved. */
  readonly #fetchedVoters = new Set<NodeId>();
  #checkQuorumDeadlineMs: number;
  /** When each voter was last told that the epoch has begun. */
  readonly #remindedMs = new Map<NodeId, number>();

  constructor(options: LeaderStateOptions) {
    this.epoch = options.epoch;
    this.epochStartOffset = options.epochStartOffset;
    this.grantingVoters = options.grantingVoters;
    this.#local = options.local;
    this.#fetchTimeoutMs = options.fetchTimeoutMs;
    this.#checkQuorumDeadlineMs = Number.POSITIVE_INFINITY;
    this.updateVoters(options.voters, options.nowMs);
  }

  get highWatermark(): Offset | undefined {
    return this.#highWatermark;
  }

  get voterProgress(): readonly ReplicaProgress[] {
    return [...this.#voters.values()];
  }

  /** Those that fetched lately, and the leader itself when it is no voter any more. */
  observerProgress(nowMs: number): readonly ReplicaProgress[] {
    this.#forgetObservers(nowMs);
    return [...this.#observers.values()];
  }

  progressOf(key: ReplicaKey): ReplicaProgress | undefined {
    const voter = this.#voters.get(key.id);
    return voter !== undefined && matchesReplica(voter.key, key)
      ? voter
      : this.#observers.get(replicaText(key));
  }

  /** Follows a change of the voters, which holds from the moment when it is appended. */
  updateVoters(voters: VoterSet, nowMs: number): void {
    this.#checkQuorumDeadlineMs = nowMs + this.#fetchTimeoutMs * CHECK_QUORUM_FACTOR;
    const before = this.#voters;
    this.#voters = new Map();
    for (const { key } of voters.voters) {
      const old = before.get(key.id);
      const known =
        old !== undefined && matchesReplica(old.key, key) ? old : this.#observers.get(replicaText(key));
      this.#voters.set(key.id, { ...(known ?? newProgress(key)), key });
      this.#observers.delete(replicaText(key));
      if (known === old) before.delete(key.id);
    }
    for (const gone of before.values()) {
      this.#observers.set(replicaText(gone.key), gone);
      this.#fetchedVoters.delete(gone.key.id);
    }
  }

  /** The leader's own log is durable before `endOffset`. Returns whether the high watermark moved. */
  updateLocal(endOffset: Offset): boolean {
    const progress = this.#progressOrNew(this.#local);
    assert(
      progress.endOffset === undefined || progress.endOffset <= endOffset,
      `the leader's durable end went back from ${progress.endOffset} to ${endOffset}`,
    );
    progress.endOffset = endOffset;
    return this.#advanceHighWatermark();
  }

  /**
   * A replica has everything before `fetchOffset`, durably if it is a voter. Returns whether the high watermark moved.
   * @param leaderEnd the end of the leader's log, durable or not
   */
  updateFollower(key: ReplicaKey, fetchOffset: Offset, at: { leaderEnd: Offset; nowMs: number }): boolean {
    assert(key.id !== this.#local.id, 'the leader does not fetch from itself');
    const progress = this.#progressOrNew(key);
    if (fetchOffset >= at.leaderEnd) progress.lastCaughtUpMs = at.nowMs;
    else if (progress.leaderEndAtLastFetch !== undefined && fetchOffset >= progress.leaderEndAtLastFetch) {
      progress.lastCaughtUpMs = Math.max(progress.lastCaughtUpMs, progress.lastFetchMs);
    }
    progress.leaderEndAtLastFetch = at.leaderEnd;
    progress.endOffset = fetchOffset;
    this.#noteFetch(progress, at.nowMs);
    return this.#voters.get(key.id) === progress && this.#advanceHighWatermark();
  }

  /** A replica reads a snapshot: it is alive, but has nothing yet. */
  noteSnapshotFetch(key: ReplicaKey, nowMs: number): void {
    if (key.id === this.#local.id || key.id < 0) return;
    this.#noteFetch(this.#progressOrNew(key), nowMs);
  }

  /** A voter answered that it knows of the epoch. */
  noteAcknowledged(voter: NodeId, nowMs: number): void {
    if (this.#voters.has(voter)) this.#remindedMs.set(voter, nowMs);
  }

  /** Behind it the leader has lost its majority; Infinity when it needs no other voter. */
  get checkQuorumDeadlineMs(): number {
    return this.#neededFetches === 0 ? Number.POSITIVE_INFINITY : this.#checkQuorumDeadlineMs;
  }

  /** The other voters by how much they have: who should lead next. */
  get successors(): readonly ReplicaKey[] {
    return [...this.#voters.values()]
      .filter(progress => progress.key.id !== this.#local.id)
      .sort((left, right) => compareEnds(right.endOffset, left.endOffset) || left.key.id - right.key.id)
      .map(progress => progress.key);
  }

  /** Whether the replica fetches, and had everything lately. */
  isCaughtUp(key: ReplicaKey, nowMs: number): boolean {
    const progress = this.progressOf(key);
    return progress !== undefined && nowMs - progress.lastCaughtUpMs <= 2 * this.#fetchTimeoutMs;
  }

  /** When the voter is to be told next that the epoch has begun: those that fetch need no telling. */
  remindAtMs(voter: NodeId): number {
    const interval = this.#fetchTimeoutMs / 2;
    const lastFetchMs = this.#voters.get(voter)?.lastFetchMs ?? Number.NEGATIVE_INFINITY;
    const remindedMs = this.#remindedMs.get(voter) ?? Number.NEGATIVE_INFINITY;
    return Math.max(lastFetchMs, remindedMs) + interval;
  }

  /** Fetches of other voters that make a majority together with the leader. */
  get #neededFetches(): number {
    const majority = Math.floor(this.#voters.size / 2) + 1;
    return this.#isLocalVoter ? majority - 1 : majority;
  }

  get #isLocalVoter(): boolean {
    const voter = this.#voters.get(this.#local.id);
    return voter !== undefined && matchesReplica(voter.key, this.#local);
  }

  #noteFetch(progress: ReplicaProgress, nowMs: number): void {
    progress.lastFetchMs = nowMs;
    if (this.#voters.get(progress.key.id) !== progress) return;
    this.#fetchedVoters.add(progress.key.id);
    if (this.#fetchedVoters.size < this.#neededFetches) return;
    this.#fetchedVoters.clear();
    this.#checkQuorumDeadlineMs = nowMs + this.#fetchTimeoutMs * CHECK_QUORUM_FACTOR;
  }

  #progressOrNew(key: ReplicaKey): ReplicaProgress {
    const known = this.progressOf(key);
    if (known !== undefined) return known;
    if (this.#observers.size >= MAX_TRACKED_OBSERVERS) this.#forgetOldestObserver();
    const progress = newProgress(key);
    this.#observers.set(replicaText(key), progress);
    return progress;
  }

  #forgetObservers(nowMs: number): void {
    for (const [text, progress] of this.#observers) {
      const isLocal = progress.key.id === this.#local.id;
      if (!isLocal && nowMs - progress.lastFetchMs >= OBSERVER_SESSION_MS) this.#observers.delete(text);
    }
  }

  #forgetOldestObserver(): void {
    let oldest: [string, ReplicaProgress] | undefined;
    for (const entry of this.#observers) {
      if (entry[1].key.id === this.#local.id) continue;
      if (oldest === undefined || entry[1].lastFetchMs < oldest[1].lastFetchMs) oldest = entry;
    }
    if (oldest !== undefined) this.#observers.delete(oldest[0]);
  }

  #advanceHighWatermark(): boolean {
    const ends = [...this.#voters.values()].map(progress => progress.endOffset);
    ends.sort((left, right) => compareEnds(right, left));
    const held = ends[Math.floor(ends.length / 2)];
    // A record of an earlier epoch is committed only by one of this epoch behind it: a later leader with a higher
    // last epoch, but without the record, could still be elected before (Raft §5.4.2).
    if (held === undefined || held <= this.epochStartOffset) return false;
    if (this.#highWatermark !== undefined && held <= this.#highWatermark) return false;
    this.#highWatermark = held;
    return true;
  }
}

function newProgress(key: ReplicaKey): ReplicaProgress {
  return {
    key,
    endOffset: undefined,
    lastFetchMs: Number.NEGATIVE_INFINITY,
    lastCaughtUpMs: Number.NEGATIVE_INFINITY,
    leaderEndAtLastFetch: undefined,
  };
}

/** Negative, 0 or positive; an unknown end is below all others. */
function compareEnds(left: Offset | undefined, right: Offset | undefined): number {
  if (left === right) return 0;
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  return left < right ? -1 : 1;
}
