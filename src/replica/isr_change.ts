import type { BrokerEpoch, LeaderEpoch, NodeId } from '../model/ids.ts';

/** A member that a leader wants in sync, in the registration that it fetched under. */
export interface IsrMember {
  readonly id: NodeId;
  /** -1 when the leader does not know it. */
  readonly brokerEpoch: BrokerEpoch;
}

/** In-sync replicas as a leader proposes them to the controller. */
export interface IsrChange {
  readonly kind: 'expand' | 'shrink';
  readonly members: readonly IsrMember[];
  readonly leaderEpoch: LeaderEpoch;
  /** That of the partition which the change is made of. */
  readonly partitionEpoch: number;
}
