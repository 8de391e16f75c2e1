import {
  asBrokerEpoch,
  type BrokerEpoch,
  type LeaderEpoch,
  minOffset,
  type NodeId,
  type Offset,
} from '../model/ids.ts';
import { type FollowerFetch, FollowerProgress } from './follower_progress.ts';
import type { IsrChange, IsrMember } from './isr_change.ts';
import type { PartitionState } from './partition_state.ts';
import type { ReplicaCluster } from './replica_cluster.ts';

export interface LeadershipOptions {
  readonly nodeId: NodeId;
  readonly cluster: ReplicaCluster;
  /** `replica.lag.time.max.ms` */
  readonly maxLagMs: () => number;
}

/** The leader's own log, as it is at the moment. */
export interface LeaderLog {
  readonly endOffset: Offset;
  /** All below it may be acknowledged by the leader itself. */
  readonly durableOffset: Offset;
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
}

/** At a moment: its time is monotonic. */
export interface LeaderMoment {
  readonly log: LeaderLog;
  readonly nowMs: number;
}

const UNKNOWN_BROKER_EPOCH = asBrokerEpoch(-1n);

/**
 * What a leader knows and decides of its followers: who is in sync, and what is committed. It proposes changes of the
 * in-sync replicas to the controller, one at a time:
 *
 *     committed → expanding   a follower is caught up, and may be in sync
 *     committed → shrinking   followers in sync are not caught up for too long
 *     expanding, shrinking → committed   the controller accepted or refused it, or the metadata has a newer state
 *
 * Until it knows what became of a change, the leader reckons with the largest set that may be in force: with one that
 * joins as if it were in sync already, with one that leaves as if it still were. So whatever the controller decided,
 * nothing is committed that an elected leader could lack.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  /** Where the leadership began: the end of the log then. */
  readonly epochStartOffset: Offset;
  #state: PartitionState;
  #pending: IsrChange | undefined;
  /** When followers were last to be taken out. */
  #shrunkAtMs = Number.NEGATIVE_INFINITY;
  /** Of all replicas but the leader's own. */
  #followers: readonly FollowerProgress[] = [];

  /** @param before the leadership in an older epoch, if this broker led before */
  constructor(
    state: PartitionState,
    moment: LeaderMoment,
    options: LeadershipOptions & { readonly before?: Leadership | undefined },
  ) {
    const { before } = options;
    this.#options = options;
    this.#state = state;
    this.epochStartOffset = moment.log.endOffset;
    this.#followers = this.#followersOf(state, before?.followers ?? []);
    // Who led before goes on: what followers have is known already, and when they were last caught up.
    if (before !== undefined) return;
    for (const follower of this.#followers) {
      follower.leaderElected(state.isr.includes(follower.id), moment.nowMs);
    }
  }

  get epoch(): LeaderEpoch {
    return this.#state.leaderEpoch;
  }

  /** As the controller last had them. */
  get isr(): readonly NodeId[] {
    return this.#state.isr;
  }

  /** The largest set of in-sync replicas that may be in force. */
  get maximalIsr(): readonly NodeId[] {
    if (this.#pending?.kind !== 'expand') return this.#state.isr;
    return this.#pending.members.map(member => member.id);
  }

  /** What was proposed to the controller and not answered. */
  get pending(): IsrChange | undefined {
    return this.#pending;
  }

  get followers(): readonly FollowerProgress[] {
    return this.#followers;
  }

  /** Whether replicas are missing among those in sync. */
  get isIncomplete(): boolean {
    return this.#state.isr.length < this.#state.replicas.length;
  }

  #followersOf({ replicas }: PartitionState, known: readonly FollowerProgress[]): FollowerProgress[] {
    return replicas
      .filter(id => id !== this.#options.nodeId)
      .map(id => known.find(follower => follower.id === id) ?? new FollowerProgress(id));
  }

  /** The metadata has a newer state of the partition, of the same leader epoch, or tells of the one that is known. */
  update(state: PartitionState): void {
    const hasSameReplicas = state.replicas === this.#state.replicas;
    // The controller takes no change that is made of an older state. One of this very state may still come true.
    if (state.partitionEpoch > this.#state.partitionEpoch) this.#pending = undefined;
    this.#state = state;
    if (!hasSameReplicas) this.#followers = this.#followersOf(state, this.#followers);
  }

  /**
   * The controller answered the pending change with what is in force now.
   * @returns whether this leadership has that state now; another epoch's is for the metadata to tell
   */
  accepted(
    change: IsrChange,
    { isr, leaderEpoch, partitionEpoch }: Pick<PartitionState, 'isr' | 'leaderEpoch' | 'partitionEpoch'>,
  ): boolean {
    if (this.#pending !== change || leaderEpoch !== this.#state.leaderEpoch) return false;
    this.#pending = undefined;
    if (partitionEpoch < this.#state.partitionEpoch) return false;
    this.#state = { ...this.#state, isr, partitionEpoch };
    return true;
  }

  /** The pending change is not going to be made. */
  refused(change: IsrChange): void {
    if (this.#pending === change) this.#pending = undefined;
  }

  follower(id: NodeId): FollowerProgress | undefined {
    return this.#followers.find(follower => follower.id === id);
  }

  /** A replica in sync that has not been heard of for so long; undefined when there is none. */
  silentReplica(silenceMs: number, { nowMs }: LeaderMoment): NodeId | undefined {
    return this.#followers.find(
      ({ id, lastHeardMs }) => this.#state.isr.includes(id) && nowMs - lastHeardMs > silenceMs,
    )?.id;
  }

  /** Notes what a follower has. */
  fetched(follower: FollowerProgress, report: FollowerFetch, { log, nowMs }: LeaderMoment): void {
    follower.fetched(report, log.endOffset, nowMs);
  }

  /**
   * How far everything is committed: on every replica that may be in sync, and on those that are about to join, so that
   * they can.
   * @param minIsr as many in-sync replicas as it takes to commit anything
   * @returns undefined where it can't be said or must not rise
   */
  committedOffset(minIsr: number, moment: LeaderMoment): Offset | undefined {
    if (this.#state.isr.length < minIsr) return undefined;
    const { log } = moment;
    let committed = log.durableOffset;
    for (const follower of this.#followers) {
      if (follower.endOffset >= committed) continue;
      if (this.#holdsBack(follower, moment)) committed = minOffset(committed, follower.endOffset);
    }
    return committed < 0n ? undefined : committed;
  }

  #holdsBack(follower: FollowerProgress, moment: LeaderMoment): boolean {
    if (this.#state.isr.includes(follower.id)) return true;
    if (this.#pending?.kind === 'expand' && this.maximalIsr.includes(follower.id)) return true;
    return this.#isCaughtUp(follower, moment) && this.#isEligible(follower);
  }

  #isCaughtUp(follower: FollowerProgress, { log, nowMs }: LeaderMoment): boolean {
    return follower.isCaughtUp(log.endOffset, { nowMs, maxLagMs: this.#options.maxLagMs() });
  }

  /** Whether the controller would take the follower: up, and in the registration that it fetched under (KIP-903). */
  #isEligible({ id, brokerEpoch }: FollowerProgress): boolean {
    const { cluster } = this.#options;
    if (brokerEpoch === undefined || !cluster.isActive(id)) return false;
    return brokerEpoch === UNKNOWN_BROKER_EPOCH || brokerEpoch === cluster.brokerEpoch(id);
  }

  /** The lowest start of any replica's log whose broker is up: below it records are deleted everywhere. */
  lowWatermark({ logStartOffset }: LeaderLog): Offset {
    let lowest = logStartOffset;
    for (const follower of this.#followers) {
      if (this.#options.cluster.isAlive(follower.id)) lowest = minOffset(lowest, follower.logStartOffset);
    }
    return lowest;
  }

  /**
   * Proposes followers that are caught up, and not in sync: by what they fetched lately, and since others were taken
   * out. While nothing is committed one that is cut off would count as caught up for ever.
   * @returns the change to be sent; undefined for none
   */
  expand({ log, nowMs }: LeaderMoment): IsrChange | undefined {
    if (this.#pending !== undefined || !this.isIncomplete) return undefined;
    const joining = this.#followers.filter(
      follower =>
        !this.#state.isr.includes(follower.id) &&
        follower.lastFetchMs > this.#shrunkAtMs &&
        nowMs - follower.lastFetchMs <= this.#options.maxLagMs() &&
        follower.endOffset >= log.highWatermark &&
        follower.endOffset >= this.epochStartOffset &&
        this.#isEligible(follower),
    );
    if (joining.length === 0) return undefined;
    return this.#propose('expand', [...this.#state.isr, ...joining.map(follower => follower.id)]);
  }

  /** Proposes to go on without those in sync that are not caught up for too long. */
  shrink(moment: LeaderMoment): IsrChange | undefined {
    if (this.#pending !== undefined) return undefined;
    const isLagging = (id: NodeId) => {
      const follower = this.follower(id);
      return follower !== undefined && !this.#isCaughtUp(follower, moment);
    };
    const staying = this.#state.isr.filter(id => !isLagging(id));
    if (staying.length === this.#state.isr.length) return undefined;
    this.#shrunkAtMs = moment.nowMs;
    return this.#propose('shrink', staying);
  }

  #propose(kind: IsrChange['kind'], isr: readonly NodeId[]): IsrChange {
    const { leaderEpoch, partitionEpoch } = this.#state;
    const members = isr.map((id): IsrMember => ({ id, brokerEpoch: this.#epochOf(id) }));
    this.#pending = { kind, members, leaderEpoch, partitionEpoch };
    return this.#pending;
  }

  #epochOf(id: NodeId): BrokerEpoch {
    const { cluster, nodeId } = this.#options;
    const known = id === nodeId ? cluster.brokerEpoch(id) : this.follower(id)?.brokerEpoch;
    return known ?? UNKNOWN_BROKER_EPOCH;
  }
}
