import type { NodeId } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { ThrottledReplicas } from '../settings/parsers.ts';
import type { Partition } from './partition.ts';

export interface ReplicationThrottleOptions {
  readonly clock: Clock;
  readonly settings: () => BrokerSettings;
  /** Whether what this broker sends as leader is bounded, or what it fetches as follower. */
  readonly side: 'leader' | 'follower';
}

interface Sample {
  readonly startMs: number;
  bytes: number;
}

/**
 * Bounds the bytes a second with which throttled replicas are replicated that are not in sync (KIP-73): the rate over
 * the last samples is compared with `leader.` or `follower.replication.throttled.rate`.
 */
export class ReplicationThrottle {
  readonly #options: ReplicationThrottleOptions;
  /** The oldest first; at most `replication.quota.window.num`. */
  #samples: Sample[] = [];

  constructor(options: ReplicationThrottleOptions) {
    this.#options = options;
  }

  get #rate(): number {
    const settings = this.#options.settings();
    return this.#options.side === 'leader'
      ? settings.leaderReplicationThrottledRate
      : settings.followerReplicationThrottledRate;
  }

  /** Whether there is a bound at all. */
  get isLimited(): boolean {
    return this.#rate < Number.MAX_SAFE_INTEGER;
  }

  /** Whether the topic's settings name this broker's replica of the partition. */
  concerns({ config, index }: Partition, brokerId: NodeId): boolean {
    const replicas: ThrottledReplicas =
      this.#options.side === 'leader'
        ? config.leaderReplicationThrottledReplicas
        : config.followerReplicationThrottledReplicas;
    if (replicas === '*') return true;
    return replicas.some(each => each.partition === index && each.brokerId === brokerId);
  }

  /** Counts bytes of throttled replicas. */
  record(bytes: number): void {
    if (bytes === 0) return;
    const { replicationQuotaWindowNum, replicationQuotaWindowSizeSeconds } = this.#options.settings();
    const nowMs = this.#options.clock.monotonicMs();
    const windowMs = replicationQuotaWindowSizeSeconds * 1000;
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.startMs < windowMs) last.bytes += bytes;
    else this.#samples.push({ startMs: nowMs, bytes });
    if (this.#samples.length > replicationQuotaWindowNum) this.#samples.shift();
  }

  isExceeded(): boolean {
    const { replicationQuotaWindowNum, replicationQuotaWindowSizeSeconds } = this.#options.settings();
    const windowMs = replicationQuotaWindowSizeSeconds * 1000;
    const nowMs = this.#options.clock.monotonicMs();
    while (
      this.#samples.length > 0 &&
      nowMs - this.#samples[0]!.startMs >= windowMs * replicationQuotaWindowNum
    ) {
      this.#samples.shift();
    }
    if (this.#samples.length === 0) return false;
    let bytes = 0;
    for (const sample of this.#samples) bytes += sample.bytes;
    // A first burst counts as if it had taken all windows but one, as in Kafka.
    const spanMs = Math.max(
      nowMs - this.#samples[0]!.startMs,
      windowMs * Math.max(1, replicationQuotaWindowNum - 1),
    );
    return (bytes * 1000) / spanMs > this.#rate;
  }
}
