import type { Int64 } from './common.ts';

export interface HealthReason {
  readonly status: 'yellow' | 'red';
  /** A word for programs: `OfflinePartitions`. */
  readonly what: string;
  /** What is wrong, with what, and what to do about it. */
  readonly text: string;
  /** The first partitions, brokers or directories that it is about. */
  readonly subjects: readonly string[];
  readonly count: number;
  /** The command that shows more. */
  readonly command: string;
}

/** `GET /api/v1/health` */
export interface Health {
  readonly status: 'green' | 'yellow' | 'red';
  readonly reasons: readonly HealthReason[];
  readonly clusterId: string;
  /** The leader of the quorum; -1 when this node knows none. */
  readonly controllerId: number;
}

/** `GET /api/v1/cluster`: the cluster at a glance, from the metadata of the node that is asked; no broker is asked. */
export interface Cluster {
  readonly clusterId: string;
  /** The node that answers. */
  readonly nodeId: number;
  readonly version: string;
  /** The leader of the quorum, which is the active controller; null when this node knows none. */
  readonly controller: { readonly id: number; readonly epoch: number } | null;
  readonly health: { readonly status: Health['status']; readonly reasons: readonly HealthReason[] };
  readonly brokers: readonly Broker[];
  readonly counts: {
    readonly topics: number;
    readonly partitions: number;
    readonly underReplicated: number;
    readonly underMinIsr: number;
    readonly offline: number;
    readonly offPreferred: number;
    readonly activeBrokers: number;
    readonly fencedBrokers: number;
  };
  /** Alerts that fire at the moment, those that are muted left out. */
  readonly alertsFiring: number;
  /** The offset of the last metadata record in this view. */
  readonly metadataOffset: Int64;
}

export interface Broker {
  readonly id: number;
  readonly rack: string | null;
  /** Of the listener for brokers; null for a broker without one. */
  readonly host: string | null;
  readonly port: number | null;
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  /** Not alive as far as the controller knows: it leads nothing. */
  readonly isFenced: boolean;
  readonly isInControlledShutdown: boolean;
  /** `broker`; with `controller` when it votes in the quorum. */
  readonly roles: readonly ('broker' | 'controller')[];
  readonly isController: boolean;
  /** Partitions that it leads. */
  readonly leaders: number;
  readonly replicas: number;
  /** Replicas of it that are in sync. */
  readonly inSync: number;
  /**
   * `host:port` of its console, as it says itself; null while that is not known. A browser can go on there when this
   * node ends.
   */
  readonly httpAddress: string | null;
  /** Since when it is as it is (fenced or not), as this node saw it; null when it was so before this node started. */
  readonly sinceMs: number | null;
}

/** `GET /api/v1/quorum`: asked of the leader. */
export interface Quorum {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: Int64;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
}

export interface QuorumReplica {
  readonly id: number;
  readonly directoryId: string;
  readonly isLeader: boolean;
  /** Null where the leader does not know it. */
  readonly logEndOffset: Int64 | null;
  /** Records that it is behind the leader. */
  readonly lag: Int64 | null;
  readonly lastFetchMs: number | null;
  /** When it last had all that the leader had. */
  readonly lastCaughtUpMs: number | null;
  readonly listeners: readonly string[];
}

/** `GET /api/v1/brokers/:id`: one broker with its disks; the settings are at `…/brokers/:id/configs`. */
export interface BrokerDetails extends Broker {
  /** Null when it could not be asked (it is fenced). */
  readonly logDirs: readonly LogDir[] | null;
}

export interface LogDir {
  readonly path: string;
  /** Null while it works. */
  readonly error: string | null;
  readonly partitions: number;
  readonly sizeBytes: Int64;
  /** Of the disk; null where the broker does not tell. */
  readonly totalBytes: Int64 | null;
  readonly usableBytes: Int64 | null;
}

/**
 * `GET /api/v1/replica-map?topic=&offset=&limit=`: who has and who leads what, small enough for thousands of partitions.
 * Ordered by topic, then partition.
 */
export interface ReplicaMap {
  readonly brokers: readonly number[];
  readonly total: number;
  readonly offset: number;
  /** At most 10,000. */
  readonly partitions: readonly ReplicaMapRow[];
}

export interface ReplicaMapRow {
  readonly topic: string;
  readonly partition: number;
  /** -1 for none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}
