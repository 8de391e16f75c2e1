import type { BrokerEpoch, NodeId } from '../model/ids.ts';

/** Is told by which connections brokers send their heartbeats. */
export interface HeartbeatSource {
  heard(connectionId: string, brokerId: NodeId, brokerEpoch: BrokerEpoch): void;
}
