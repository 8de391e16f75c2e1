import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import { NO_NODE } from '../model/ids.ts';

/** How a partition stands, by the metadata alone. */
export interface PartitionHealth {
  readonly isOffline: boolean;
  readonly isUnderReplicated: boolean;
  readonly isUnderMinIsr: boolean;
  readonly isAtMinIsr: boolean;
  readonly isOffPreferred: boolean;
  readonly isReassigning: boolean;
}

/** @param minInsyncReplicas the topic's setting; more than there are replicas counts as all of them */
export function partitionHealth(
  partition: PartitionRegistration,
  minInsyncReplicas: number,
): PartitionHealth {
  const { replicas, isr, leader, addingReplicas, removingReplicas } = partition;
  const needed = Math.min(minInsyncReplicas, replicas.length);
  return {
    isOffline: leader === NO_NODE,
    // Those that a reassignment brings in are not missed yet.
    isUnderReplicated: isr.length < replicas.length - addingReplicas.length,
    isUnderMinIsr: isr.length < needed,
    isAtMinIsr: isr.length === needed,
    isOffPreferred: leader !== NO_NODE && leader !== replicas[0],
    isReassigning: addingReplicas.length > 0 || removingReplicas.length > 0,
  };
}
