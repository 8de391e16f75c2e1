import type { MetadataPublisher } from '../controller/metadata_publisher.ts';
import type { GroupCoordinator } from '../group/group_coordinator.ts';
import type { LogDirectories } from '../log/directories/log_directories.ts';
import type { NodeId } from '../model/ids.ts';
import type { Clock, Logger, Random } from '../model/ports.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { FetchSessions } from '../replica/fetch_sessions.ts';
import type { ReplicaCluster } from '../replica/replica_cluster.ts';
import type { ReplicaManager } from '../replica/replica_manager.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import type { ApiHandler } from './api_handler.ts';
import type { AutoTopics } from './auto_topics.ts';
import type { ControllerChannel } from './controller_channel.ts';
import type { HeartbeatSource } from './heartbeat_source.ts';
import type { Neighbours } from './neighbours.ts';
import type { ProducerIds } from './producer_ids.ts';
import type { ClientQuotas } from './quotas/client_quotas.ts';

/** What handlers reach: the rooms of the node that they serve. */
export interface BrokerServices {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  /** The settings in force at the moment. */
  readonly settings: BrokerSettings;
  /** The same with where each comes from. */
  readonly node: DynamicSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The committed metadata. */
  readonly metadata: MetadataPublisher;
  /** The directories of this node's logs. */
  readonly directories: LogDirectories;
  /** The brokers, for those who replicate with them. */
  readonly cluster: ReplicaCluster;
  /** The partitions that this broker has replicas of. */
  readonly replicas: ReplicaManager;
  /** The groups that this broker coordinates. */
  readonly groups: GroupCoordinator;
  readonly fetchSessions: FetchSessions;
  readonly controller: ControllerChannel;
  readonly neighbours: Neighbours;
  /** Undefined at a node without a controller. */
  readonly heartbeats: HeartbeatSource | undefined;
  readonly autoTopics: AutoTopics;
  readonly producerIds: ProducerIds;
  readonly quotas: ClientQuotas;
  /** This node's part of the quorum. */
  readonly quorum: KraftNode;
  /** All that this node serves, for ApiVersions. */
  readonly handlers: readonly ApiHandler[];
}
