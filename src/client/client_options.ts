import type { Clock, Logger, Network, Random } from '../model/ports.ts';
import type { Endpoint } from '../peers/peer_sender.ts';

/** How patient a client is; each has Kafka's default. */
export interface ClientTimeouts {
  /** `request.timeout.ms`: one request, until its node counts as gone. */
  readonly requestTimeoutMs: number;
  /** `socket.connection.setup.timeout.ms`: how long a machine may take to accept a connection. */
  readonly connectTimeoutMs: number;
  /** `default.api.timeout.ms`: an operation with all of its retries. */
  readonly apiTimeoutMs: number;
  /** `retry.backoff.ms`: the wait before the first retry; it doubles with each. */
  readonly retryBackoffMs: number;
  /** `retry.backoff.max.ms`. */
  readonly maxRetryBackoffMs: number;
  /** `metadata.max.age.ms`: metadata older than this is asked for anew. */
  readonly metadataMaxAgeMs: number;
}

export const DEFAULT_TIMEOUTS: ClientTimeouts = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  apiTimeoutMs: 60_000,
  retryBackoffMs: 100,
  maxRetryBackoffMs: 1_000,
  metadataMaxAgeMs: 300_000,
};

export interface ClientPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
}

export interface ClusterClientOptions {
  readonly ports: ClientPorts;
  /** Where to ask first; one or more. */
  readonly bootstrapServers: readonly Endpoint[];
  /** How this client calls itself; brokers have quotas and logs by it. */
  readonly clientId: string;
  readonly timeouts?: Partial<ClientTimeouts>;
  /** Whether asking for a topic that is not there may create it, if the brokers allow it; not without it. */
  readonly allowAutoTopicCreation?: boolean;
}
