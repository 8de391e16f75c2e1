import type { NodeId, Offset } from '../model/ids.ts';
import type { Partition } from './partition.ts';
import type { ReplicaCluster } from './replica_cluster.ts';

export interface NearestReplicaOptions {
  /** Where the consumer says that it stands. */
  readonly rackId: string;
  readonly fetchOffset: Offset;
  readonly cluster: ReplicaCluster;
  /** The leader, which chooses. */
  readonly leader: NodeId;
  /** Whether the consumer can reach a broker through its listener. */
  readonly isReachable: (id: NodeId) => boolean;
}

/**
 * The replica that a consumer should read from rather than the leader (KIP-392, Kafka's RackAwareReplicaSelector): one
 * in sync, of the consumer's rack, that has the offset; of several, the one that has most.
 * @returns undefined where that is the leader
 */
export function nearestReplica(
  partition: Partition,
  { rackId, fetchOffset, cluster, leader, isReachable }: NearestReplicaOptions,
): NodeId | undefined {
  const { leadership } = partition;
  if (rackId === '' || leadership === undefined || cluster.rack(leader) === rackId) return undefined;
  let nearest: NodeId | undefined;
  let most = -1n;
  for (const { id, endOffset, logStartOffset } of leadership.followers) {
    if (cluster.rack(id) !== rackId || !leadership.isr.includes(id) || !isReachable(id)) continue;
    if (endOffset < fetchOffset || logStartOffset > fetchOffset) continue;
    if (endOffset > most || (endOffset === most && nearest !== undefined && id < nearest)) {
      nearest = id;
      most = endOffset;
    }
  }
  return nearest;
}
