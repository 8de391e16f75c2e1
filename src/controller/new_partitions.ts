import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asLeaderEpoch, asPartitionIndex, type NodeId, type Uuid } from '../model/ids.ts';
import type { ControllerContext } from './controller_context.ts';
import { defaultDirectory, hasUncordonedDirectory } from './image/broker_registration.ts';
import { PartitionRegistration } from './image/partition_registration.ts';
import { activeReplicas } from './manual_assignment.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { placeReplicas } from './replica_placement.ts';

/** Chooses replicas for partitions. @returns INVALID_REPLICATION_FACTOR when there are too few brokers */
export function placePartitions(
  { image, random }: ControllerContext,
  partitionCount: number,
  replicationFactor: number,
): NodeId[][] | Failure {
  const brokers = [...image.cluster.brokers.values()].filter(
    broker => !broker.inControlledShutdown && hasUncordonedDirectory(broker),
  );
  return placeReplicas(brokers, partitionCount, replicationFactor, random);
}

/**
 * The records of new partitions: whoever is up is in sync, and the first of them leads.
 * @param firstIndex of the new partitions
 * @returns INVALID_REPLICA_ASSIGNMENT when nobody of a partition is up
 */
export function newPartitions(
  { image, metadataVersion }: ControllerContext,
  topicId: Uuid,
  firstIndex: number,
  replicasOf: readonly (readonly NodeId[])[],
): MetadataRecord[] | Failure {
  const { brokers } = image.cluster;
  const records: MetadataRecord[] = [];
  for (const [position, replicas] of replicasOf.entries()) {
    const index = asPartitionIndex(firstIndex + position);
    const isr = activeReplicas(replicas, brokers);
    const [leader] = isr;
    if (leader === undefined) {
      return new Failure(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `Cannot create partition ${index}: none of its brokers ${replicas.join(', ')} is up`,
      );
    }
    const partition = new PartitionRegistration({
      replicas,
      directories: replicas.map(replica => defaultDirectory(brokers.get(replica), metadataVersion)),
      isr,
      elr: [],
      lastKnownElr: [],
      removingReplicas: [],
      addingReplicas: [],
      leader,
      leaderRecoveryState: 0,
      leaderEpoch: asLeaderEpoch(0),
      partitionEpoch: 0,
    });
    records.push(partition.toRecord(topicId, index, metadataVersion));
  }
  return records;
}
