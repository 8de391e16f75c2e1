import type { BrokerParts } from '../broker/broker_parts.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';
import type { RecentHistogram } from '../model/recent_histogram.ts';
import { ClusterOffsets } from './cluster_offsets.ts';
import { ClusterPoll } from './cluster_poll.ts';
import { controllerMetrics } from './collect/controller_metrics.ts';
import { exporterMetrics } from './collect/exporter_metrics.ts';
import { processMetrics } from './collect/process_metrics.ts';
import { quorumMetrics } from './collect/quorum_metrics.ts';
import { replicaMetrics } from './collect/replica_metrics.ts';
import { requestMetrics } from './collect/request_metrics.ts';
import { brokerState, serverMetrics } from './collect/server_metrics.ts';
import { topicMetrics } from './collect/topic_metrics.ts';
import { type ClusterHealth, clusterHealth, type Readiness, readiness } from './health.ts';
import { MetadataWatch } from './metadata_watch.ts';
import type { MetricFamily } from './metric.ts';
import type { ProcessFacts } from './process_facts.ts';
import { Sampler } from './sampler.ts';
import { isActiveController, type NodeSource, type ScrapeSource } from './scrape_source.ts';

export interface MonitorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly facts: ProcessFacts;
  readonly syncTimes: RecentHistogram | undefined;
}

/** The pause between two rounds in which the active controller asks the brokers for offsets and groups. */
const POLL_INTERVAL_MS = 5_000;

/**
 * Watches a node, and with the active controller's the cluster. Nothing is measured on the way of a request that is
 * not needed there: what can be read when it is asked for is read then.
 *
 *     starting → attached   the node has started: its rooms can be read
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #sampler: Sampler;
  readonly #offsets = new ClusterOffsets();
  #parts: (() => BrokerParts) | undefined;
  #watch: MetadataWatch | undefined;
  #poll: ClusterPoll | undefined;
  #pollTimer: Timer | undefined;
  #isStopped = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#sampler = new Sampler({ ...options, quorum: () => this.#parts?.().quorum });
  }

  start(): void {
    this.#sampler.start();
  }

  /** The node has started: `parts` are its rooms, as they are at each call. */
  attach(parts: () => BrokerParts): void {
    if (this.#isStopped) return;
    const { metadata, nodeId, node } = parts();
    this.#parts = parts;
    this.#watch = new MetadataWatch({
      nodeId,
      clock: this.#options.clock,
      isActiveController: () => parts().controller?.isActive === true,
    });
    metadata.subscribe(this.#watch);
    this.#poll = new ClusterPoll({
      peers: parts().peers,
      image: () => parts().metadata.image,
      listenerName: () => node.current.interBrokerListenerName,
      offsets: this.#offsets,
    });
    void this.#pollRound();
  }

  stop(): void {
    this.#isStopped = true;
    this.#sampler.stop();
    this.#pollTimer?.cancel();
  }

  /** Of the cluster as the active controller's node knows it; empty elsewhere. */
  get offsets(): ClusterOffsets {
    return this.#offsets;
  }

  /** All metrics of this node, read while they are iterated. */
  *families(): Iterable<MetricFamily> {
    const { clock, facts, syncTimes } = this.#options;
    const scrape: ScrapeSource = { clock, facts, syncTimes, sampler: this.#sampler };
    yield* processMetrics(scrape);
    const source = this.#source(scrape);
    if (source === undefined) {
      yield brokerState();
      return;
    }
    yield* serverMetrics(source);
    yield* requestMetrics(source);
    yield* topicMetrics(source);
    yield* replicaMetrics(source);
    yield* controllerMetrics(source);
    yield* quorumMetrics(source);
    if (isActiveController(source)) yield* exporterMetrics(source, this.#offsets);
  }

  #source(scrape: ScrapeSource): NodeSource | undefined {
    if (this.#parts === undefined || this.#watch === undefined) return undefined;
    return { ...scrape, parts: this.#parts(), watch: this.#watch };
  }

  readiness(): Readiness {
    return readiness(this.#parts?.());
  }

  /** Undefined before the node has started. */
  clusterHealth():
    | (ClusterHealth & { readonly clusterId: string; readonly controllerId: number })
    | undefined {
    const parts = this.#parts?.();
    if (parts === undefined) return undefined;
    const { leaderId } = parts.quorum.leaderAndEpoch;
    const failedDirectories = parts.directories.describe().filter(({ failure }) => failure !== undefined);
    const health = clusterHealth({
      image: parts.metadata.image,
      leaderId,
      defaultMinIsr: parts.node.current.minInsyncReplicas,
      offlineDirectories: failedDirectories.map(({ path }) => path),
    });
    return { ...health, clusterId: parts.clusterId, controllerId: leaderId ?? -1 };
  }

  async #pollRound(): Promise<void> {
    const { clock, logger } = this.#options;
    const { controller, topicStatistics, metadata } = this.#parts!();
    topicStatistics.retain(topic => metadata.image.topics.byName(topic) !== undefined);
    const startedMs = clock.monotonicMs();
    if (controller?.isActive === true) await this.#poll!.run();
    else this.#offsets.clear();
    logger.debug('Offsets and groups were looked up', { tookMs: clock.monotonicMs() - startedMs });
    if (this.#isStopped) return;
    this.#pollTimer = clock.startTimer(POLL_INTERVAL_MS, () => void this.#pollRound());
  }
}
