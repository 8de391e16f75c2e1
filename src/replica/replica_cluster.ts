import type { BrokerEpoch, NodeId } from '../model/ids.ts';
import type { Endpoint } from '../peers/peer_sender.ts';

/** The brokers as the metadata has them, for those who replicate with them. */
export interface ReplicaCluster {
  /** Of the broker's present registration; undefined when it has none. */
  brokerEpoch(id: NodeId): BrokerEpoch | undefined;
  /** Whether the broker may be in sync: it is neither fenced nor shutting down. */
  isActive(id: NodeId): boolean;
  /** Whether the broker serves: it is not fenced. */
  isAlive(id: NodeId): boolean;
  /** Where other brokers reach it; undefined when that is not known. */
  endpoint(id: NodeId): Endpoint | undefined;
  /** Where it stands; null when it has not said. */
  rack(id: NodeId): string | null;
}
