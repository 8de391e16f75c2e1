import type { LeaderEpoch, NodeId } from '../model/ids.ts';

/** What the metadata says of a partition, as far as its replicas act on it. */
export interface PartitionState {
  /** NO_NODE while there is none. */
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  /** Counts every change of the partition. */
  readonly partitionEpoch: number;
  /** In the order of preference. */
  readonly replicas: readonly NodeId[];
  /** In-sync replicas. */
  readonly isr: readonly NodeId[];
}
