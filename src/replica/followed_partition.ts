import type { PartitionLog } from '../log/partition_log.ts';
import type { Failure } from '../model/failure.ts';
import { asLeaderEpoch, asOffset, minOffset, type Offset, UNKNOWN_LEADER_EPOCH } from '../model/ids.ts';
import type { Partition, Role } from './partition.ts';

/** What a follower wants of a partition, under the names of the request. */
export interface Wanted {
  /** Everything before it is durable here. */
  readonly fetchOffset: Offset;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: Offset;
  readonly currentLeaderEpoch: number;
}

/**
 * `ready`: it is fetched. `busy`: it is synced or cut, or the leader is asked something. `delayed`: the leader refused,
 * and is asked again later. `throttled`: its replication is above its rate.
 */
export type FollowedStatus = 'ready' | 'busy' | 'delayed' | 'throttled';

/** A partition as it is followed in one role. */
export class FollowedPartition {
  readonly partition: Partition;
  readonly role: Role;
  status: FollowedStatus = 'busy';
  /** What the leader's session has; undefined when it has nothing of it. */
  told: Wanted | undefined;
  /** Refusals one after the other. */
  refusals = 0;
  /** When it is asked for again; while it is `delayed`. */
  dueMs = 0;

  constructor(partition: Partition) {
    this.partition = partition;
    this.role = partition.role;
  }

  get log(): PartitionLog {
    return this.partition.log!;
  }

  /** Whether the partition has another role by now. */
  get isOver(): boolean {
    return this.partition.role !== this.role;
  }

  wanted(): Wanted {
    const { endOffset, logStartOffset, latestLeaderEpoch } = this.log;
    return {
      fetchOffset: endOffset,
      lastFetchedEpoch: latestLeaderEpoch ?? UNKNOWN_LEADER_EPOCH,
      logStartOffset,
      currentLeaderEpoch: this.role.kind === 'none' ? UNKNOWN_LEADER_EPOCH : this.role.epoch,
    };
  }

  /**
   * Makes sure of what the first fetch says. A log that knows no epochs can't be compared with the leader's by them: it
   * goes on from what is committed.
   */
  async begin(): Promise<Failure | undefined> {
    const { log } = this;
    if (log.latestLeaderEpoch === undefined && log.endOffset > log.highWatermark) {
      const failure = await this.partition.cut(this.role, each => each.truncateTo(each.highWatermark));
      if (failure !== undefined) return failure;
    }
    return await log.awaitDurable(log.endOffset);
  }

  /**
   * The leader's log and this one part ways: cuts this one back to where they may still be the same (KIP-101, KIP-279).
   * The next fetch shows whether they are.
   * @param epoch the largest that the leader has, up to the one that was asked for
   * @param endOffset where that ends at the leader
   */
  async truncateToDivergence({
    epoch,
    endOffset,
  }: {
    readonly epoch: number;
    readonly endOffset: bigint;
  }): Promise<Failure | undefined> {
    const { log } = this;
    const own = log.endOffsetForEpoch(asLeaderEpoch(epoch));
    // With an epoch of which the leader has nothing this log goes to its end of the one before, and asks again.
    const ends = own.leaderEpoch === epoch ? minOffset(own.endOffset, asOffset(endOffset)) : own.endOffset;
    return await this.truncateTo(own.leaderEpoch < 0 ? asOffset(endOffset) : ends);
  }

  async truncateTo(offset: Offset): Promise<Failure | undefined> {
    return await this.partition.cut(this.role, log => log.truncateTo(minOffset(offset, log.endOffset)));
  }

  /** Begins anew at the leader's start: what is here is older than anything that it has. */
  async startOverAt(offset: Offset): Promise<Failure | undefined> {
    return await this.partition.cut(this.role, log => log.truncateFullyAndStartAt(offset));
  }
}

/** Whether the leader knows it already. */
export function sameWanted(left: Wanted | undefined, right: Wanted): boolean {
  return (
    left !== undefined &&
    left.fetchOffset === right.fetchOffset &&
    left.lastFetchedEpoch === right.lastFetchedEpoch &&
    left.logStartOffset === right.logStartOffset &&
    left.currentLeaderEpoch === right.currentLeaderEpoch
  );
}
