import type { TopicPartition } from '../topic_partition.ts';
import type { Subscription } from './subscription.ts';

/** A member of a group, as its leader sees it. */
export interface GroupMemberFacts {
  readonly memberId: string;
  /** Of a static member: orders members the same way after each has restarted. */
  readonly groupInstanceId: string | null;
  readonly subscription: Subscription;
}

/** Who gets which partitions: every partition that somebody subscribes to goes to one member at most. */
export interface Assignor {
  /** As members agree on it. */
  readonly name: 'range' | 'cooperative-sticky';
  /** Whether members keep what they have during a rebalance, but for what goes to another. */
  readonly isCooperative: boolean;
  /**
   * @param partitionCounts of all topics that are subscribed to; a topic that is not there is missing
   * @returns by member id
   */
  assign(
    members: readonly GroupMemberFacts[],
    partitionCounts: ReadonlyMap<string, number>,
  ): Map<string, TopicPartition[]>;
}

/** Members in an order that is the same whoever leads the group. */
export function inOrder(members: readonly GroupMemberFacts[]): GroupMemberFacts[] {
  const nameOf = ({ groupInstanceId, memberId }: GroupMemberFacts) => groupInstanceId ?? memberId;
  return [...members].sort((left, right) => {
    // Static members come first.
    const kind = Number(left.groupInstanceId === null) - Number(right.groupInstanceId === null);
    if (kind !== 0) return kind;
    return nameOf(left) < nameOf(right) ? -1 : 1;
  });
}
