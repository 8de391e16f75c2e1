import type { Alert } from './alerts.ts';
import type { Broker, Cluster } from './cluster.ts';

/**
 * `GET /api/v1/events`: server-sent events with `event:`, `id:` and JSON in `data:`. The first is a `snapshot`; then come
 * changes, within 100 ms of the metadata's; those of one turn together. A comment comes every 15 s. When more
 * happens than an event may list, it has `isCut`: ask for the lists again. A reader that is too slow is sent a new
 * `snapshot` in place of what it missed. Above a number of streams a node answers 503.
 */
export type ClusterEvent =
  | { readonly event: 'snapshot'; readonly data: Snapshot }
  | { readonly event: 'cluster'; readonly data: Cluster }
  | { readonly event: 'broker'; readonly data: BrokerChange }
  | { readonly event: 'leaders'; readonly data: LeaderChanges }
  | { readonly event: 'isr'; readonly data: IsrChanges }
  | { readonly event: 'topics'; readonly data: TopicChanges }
  | { readonly event: 'controller'; readonly data: ControllerChange }
  | { readonly event: 'alerts'; readonly data: AlertChanges };

export interface Snapshot {
  readonly cluster: Cluster;
  readonly alerts: readonly Alert[];
  /** The last changes that this node saw, the oldest first; at most 100. */
  readonly recent: readonly RecentEvent[];
}

/** A change as a line for people. */
export interface RecentEvent {
  readonly atMs: number;
  readonly kind: 'broker' | 'leaders' | 'isr' | 'topics' | 'controller' | 'alerts';
  readonly text: string;
}

interface Change {
  readonly atMs: number;
  /** One sentence: `Broker 1 is not alive`. */
  readonly text: string;
}

export interface BrokerChange extends Change {
  readonly id: number;
  readonly what: 'registered' | 'fenced' | 'unfenced' | 'shutting down' | 'unregistered';
  /** As it is now; null when it is gone. */
  readonly broker: Broker | null;
}

/** Partitions that have another leader. */
export interface LeaderChanges extends Change {
  /** -1 for none. */
  readonly moves: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly from: number;
    readonly to: number;
    readonly leaderEpoch: number;
  }[];
  /** All of them, also those that `moves` leaves out. */
  readonly count: number;
  readonly isCut: boolean;
}

export interface IsrChanges extends Change {
  readonly changes: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly isr: readonly number[];
    readonly left: readonly number[];
    readonly joined: readonly number[];
  }[];
  readonly count: number;
  readonly isCut: boolean;
}

export interface TopicChanges extends Change {
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  /** Those whose settings or number of partitions changed. */
  readonly changed: readonly string[];
  readonly isCut: boolean;
}

export interface ControllerChange extends Change {
  /** Null: this node knows no leader of the quorum. */
  readonly controller: { readonly id: number; readonly epoch: number } | null;
}

export interface AlertChanges extends Change {
  /** All alerts as they are now. */
  readonly alerts: readonly Alert[];
}
