import type { Controller } from '../controller/controller.ts';
import type { MetadataPublisher } from '../controller/metadata_publisher.ts';
import type { ControllerChannel } from '../handlers/controller_channel.ts';
import type { LogDirectories } from '../log/directories/log_directories.ts';
import type { NodeId } from '../model/ids.ts';
import type { PeerClient } from '../peers/peer_client.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { ReplicaManager } from '../replica/replica_manager.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import type { BrokerLifecycle } from './broker_lifecycle.ts';
import type { Listeners } from './listeners.ts';
import type { RequestStatistics } from './request_statistics.ts';

/** What those who watch a node read of it. They change nothing. */
export interface BrokerParts {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly state: 'starting' | 'running' | 'stopping';
  readonly node: DynamicSettings;
  readonly metadata: MetadataPublisher;
  readonly quorum: KraftNode;
  /** Undefined at a node without the role. */
  readonly controller: Controller | undefined;
  /** The way to the active controller, wherever it is. */
  readonly channel: ControllerChannel;
  /** Undefined at a node that is no broker. */
  readonly lifecycle: BrokerLifecycle | undefined;
  readonly replicas: ReplicaManager;
  readonly directories: LogDirectories;
  readonly listeners: Listeners;
  readonly requests: RequestStatistics;
  readonly peers: PeerClient;
  /** The client for the quorum's own requests. */
  readonly quorumPeers: PeerClient;
}
