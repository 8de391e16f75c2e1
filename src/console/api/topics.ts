import type { Int64, ListQuery } from './common.ts';

/** `GET /api/v1/topics?…` → `Page<Topic>` */
export interface TopicsQuery extends ListQuery {
  /** `name` without it. */
  readonly sort?:
    | 'name'
    | 'partitions'
    | 'replication'
    | 'size'
    | 'messagesIn'
    | 'bytesIn'
    | 'bytesOut'
    | 'underReplicated';
  /** Whether the internal ones are there; false without it. */
  readonly internal?: boolean;
  /** Only those with something wrong. */
  readonly unhealthy?: boolean;
}

export interface Topic {
  readonly name: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: number;
  /** Of the first partition. */
  readonly replicationFactor: number;
  readonly underReplicated: number;
  readonly underMinIsr: number;
  readonly offline: number;
  /** All replicas together on disk; null until the brokers have told. At most some seconds old. */
  readonly sizeBytes: Int64 | null;
  /**
   * Traffic over the last samples of all nodes that could be asked (see `History.nodes`); null until there are two
   * samples.
   */
  readonly rates: TopicRates | null;
  /** Settings of its own. */
  readonly configs: Readonly<Record<string, string>>;
}

export interface TopicRates {
  readonly messagesInPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
}

/** `GET /api/v1/topics/:name` */
export interface TopicDetails extends Topic {
  readonly partitionDetails: readonly Partition[];
  /** Groups that have committed offsets in it. */
  readonly groups: readonly string[];
  /** `min.insync.replicas` in force. */
  readonly minInsyncReplicas: number;
}

export interface Partition {
  readonly partition: number;
  /** -1 for none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** The preferred one first. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Replicas that may lead though they are not in sync (KIP-966). */
  readonly elr: readonly number[];
  readonly offlineReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly isOffline: boolean;
  readonly isUnderReplicated: boolean;
  readonly isUnderMinIsr: boolean;
  /** Null where its leader did not answer. */
  readonly startOffset: Int64 | null;
  /** Behind the last record that consumers see. */
  readonly endOffset: Int64 | null;
  /** The leader's replica on disk. */
  readonly sizeBytes: Int64 | null;
  /** The timestamp of the first record that is there: how far back it can be read; null where it is empty or not known. */
  readonly earliestTimestampMs: number | null;
}

/** `GET /api/v1/topics/:name/configs` → Configs; `PATCH` with ConfigsChange → Configs as they are then. admin */

/** `POST /api/v1/topics` → 201 {@link CreatedTopic}. admin */
export interface CreateTopicRequest {
  readonly name: string;
  /** The cluster's default without it. */
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
  readonly validateOnly?: boolean;
}

export interface CreatedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** `POST /api/v1/topics/:name/partitions` → 204. admin */
export interface AddPartitionsRequest {
  /** How many there are afterwards. */
  readonly count: number;
  readonly validateOnly?: boolean;
}

/** `DELETE /api/v1/topics/:name` → 204. admin */

/** `POST /api/v1/topics/:name/trim` → {@link TrimResult}: deletes the records before a place. admin */
export interface TrimRequest {
  /** All partitions without it. */
  readonly partitions?: readonly number[];
  /** The first record that stays: an offset (digits, within what is there), a time, or `end` for none. */
  readonly before: { readonly offset: Int64 } | { readonly timeMs: number } | 'end';
}

export interface TrimResult {
  readonly partitions: readonly {
    readonly partition: number;
    readonly startOffset: Int64 | null;
    readonly error: string | null;
  }[];
}
