import { type BrokerEpoch, type NodeId, type Offset, UNKNOWN_OFFSET } from '../model/ids.ts';

/** What a follower's fetch says of its log. */
export interface FollowerFetch {
  /** Everything before it is on the follower's disk, or with `write.caching` in its caches. */
  readonly fetchOffset: Offset;
  readonly logStartOffset: Offset;
  /** -1 from a broker that does not tell it. */
  readonly brokerEpoch: BrokerEpoch;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** What a leader knows of one follower's log. Times are monotonic. */
export class FollowerProgress {
  readonly id: NodeId;
  #endOffset = UNKNOWN_OFFSET;
  #logStartOffset = UNKNOWN_OFFSET;
  #brokerEpoch: BrokerEpoch | undefined;
  #lastFetchMs = NEVER;
  /** The fetch before it: the follower sent the last one later, since it had the answer. */
  #fetchBeforeMs = NEVER;
  /** When a new leadership took it for in sync. */
  #electedMs = NEVER;
  /** The end of the leader's log at the last fetch. */
  #leaderEndThen = UNKNOWN_OFFSET;
  /** When the follower last had all that the leader had; never falls. */
  #lastCaughtUpMs = NEVER;

  constructor(id: NodeId) {
    this.id = id;
  }

  /** -1 before its first fetch from this leader. */
  get endOffset(): Offset {
    return this.#endOffset;
  }

  /** -1 before its first fetch from this leader. */
  get logStartOffset(): Offset {
    return this.#logStartOffset;
  }

  /** The registration that it fetched under, -1 when it did not tell; undefined before its first fetch. */
  get brokerEpoch(): BrokerEpoch | undefined {
    return this.#brokerEpoch;
  }

  /** When it last fetched from this leader. */
  get lastFetchMs(): number {
    return this.#lastFetchMs;
  }

  get lastCaughtUpMs(): number {
    return this.#lastCaughtUpMs;
  }

  /**
   * Since when it may have turned to another leader, as far as this one can know; a new leadership takes those in sync
   * for present. When a fetch is read says little: a process that was stopped for a while, and goes on, finds one of
   * before in its socket. But whoever sent it had the answer to the one before it.
   */
  get lastHeardMs(): number {
    return Math.max(this.#fetchBeforeMs, this.#electedMs);
  }

  /** A new leadership begins: who is in sync has from now on the time to show it. */
  leaderElected(isInSync: boolean, nowMs: number): void {
    if (!isInSync) return;
    this.#lastCaughtUpMs = nowMs;
    this.#electedMs = nowMs;
  }

  /**
   * The follower fetched. It was caught up at this fetch if it has all that the leader has, and at the one before if it
   * has all that the leader had then: so a follower that keeps pace with a busy leader counts as caught up.
   */
  fetched(
    { fetchOffset, logStartOffset, brokerEpoch }: FollowerFetch,
    leaderEnd: Offset,
    nowMs: number,
  ): void {
    if (fetchOffset >= leaderEnd) this.#lastCaughtUpMs = nowMs;
    else if (fetchOffset >= this.#leaderEndThen && this.#lastFetchMs > this.#lastCaughtUpMs) {
      this.#lastCaughtUpMs = this.#lastFetchMs;
    }
    this.#endOffset = fetchOffset;
    this.#logStartOffset = logStartOffset;
    this.#brokerEpoch = brokerEpoch;
    this.#leaderEndThen = leaderEnd;
    this.#fetchBeforeMs = this.#lastFetchMs;
    this.#lastFetchMs = nowMs;
  }

  isCaughtUp(
    leaderEnd: Offset,
    { nowMs, maxLagMs }: { readonly nowMs: number; readonly maxLagMs: number },
  ): boolean {
    return this.#endOffset === leaderEnd || nowMs - this.#lastCaughtUpMs <= maxLagMs;
  }
}
