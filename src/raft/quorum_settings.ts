import type { MetadataRetention } from './raft_log.ts';

/** The quorum's settings, by Kafka's names. Times are milliseconds. */
export interface QuorumSettings {
  /** `controller.quorum.election.timeout.ms`: how long a voter without a leader waits, one to two times it. */
  readonly electionTimeoutMs: number;
  /** `controller.quorum.election.backoff.max.ms`: the longest pause behind a lost election. */
  readonly electionBackoffMaxMs: number;
  /** `controller.quorum.fetch.timeout.ms`: how long a follower does without an answer of the leader. */
  readonly fetchTimeoutMs: number;
  /** `controller.quorum.request.timeout.ms`: how long any request of the quorum may take. */
  readonly requestTimeoutMs: number;
  /** `controller.quorum.retry.backoff.ms`: the pause behind a failed request, doubled up to eight times it. */
  readonly retryBackoffMs: number;
  /** `controller.quorum.auto.join.enable`: whether a controller that is no voter asks to become one. */
  readonly autoJoin: boolean;
  readonly retention: MetadataRetention;
}

/** The defaults of Kafka 4.4. */
export const DEFAULT_QUORUM_SETTINGS: QuorumSettings = {
  electionTimeoutMs: 1_000,
  electionBackoffMaxMs: 1_000,
  fetchTimeoutMs: 2_000,
  requestTimeoutMs: 2_000,
  retryBackoffMs: 20,
  autoJoin: false,
  retention: { maxBytes: 100 * 1024 * 1024, maxAgeMs: 7 * 24 * 3_600_000 },
};

/** How long the leader may keep a fetch that it has nothing new for; less where the fetch timeout is short. */
export const FETCH_MAX_WAIT_MS = 500;

/** The versions of the quorum's protocol that this node can follow. */
export const SUPPORTED_KRAFT_VERSIONS = { min: 0, max: 1 } as const;

export const METADATA_TOPIC = '__cluster_metadata';
/** The id of the metadata topic, in every cluster the same. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const METADATA_PARTITION = 0;
