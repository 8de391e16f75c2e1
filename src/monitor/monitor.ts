import type { BrokerParts } from '../broker/broker_parts.ts';
import type { Clock, Logger, Random, Timer } from '../model/ports.ts';
import type { RecentHistogram } from '../model/recent_histogram.ts';
import type { AlertTransport } from './alerts/alert_transport.ts';
import { Alerting } from './alerts/alerting.ts';
import type { UserRulesFile } from './alerts/user_rules_file.ts';
import { ClusterChanges } from './cluster_changes.ts';
import { ClusterOffsets } from './cluster_offsets.ts';
import { ClusterPoll } from './cluster_poll.ts';
import { alertMetrics } from './collect/alert_metrics.ts';
import { controllerMetrics } from './collect/controller_metrics.ts';
import { exporterMetrics } from './collect/exporter_metrics.ts';
import { processMetrics } from './collect/process_metrics.ts';
import { quorumMetrics } from './collect/quorum_metrics.ts';
import { replicaMetrics } from './collect/replica_metrics.ts';
import { requestMetrics } from './collect/request_metrics.ts';
import { brokerState, serverMetrics } from './collect/server_metrics.ts';
import { topicMetrics } from './collect/topic_metrics.ts';
import { type ClusterHealth, clusterHealth, type Readiness, readiness } from './health.ts';
import { History, type HistorySource } from './history.ts';
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
  readonly random: Random;
  readonly transport: AlertTransport;
  readonly rulesFile: UserRulesFile;
}

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
  readonly #changes: ClusterChanges;
  readonly #history: History;
  #parts: (() => BrokerParts) | undefined;
  #watch: MetadataWatch | undefined;
  #poll: ClusterPoll | undefined;
  #alerting: Alerting | undefined;
  #pollTimer: Timer | undefined;
  #isStopped = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#changes = new ClusterChanges(options.clock);
    this.#history = new History(options.clock, () => this.#historySource());
    this.#sampler = new Sampler({ ...options, quorum: () => this.#parts?.().quorum });
  }

  start(): void {
    this.#sampler.start();
    this.#history.start();
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
    metadata.subscribe(this.#changes);
    this.#poll = new ClusterPoll({
      peers: parts().peers,
      image: () => parts().metadata.image,
      listenerName: () => node.current.interBrokerListenerName,
      offsets: this.#offsets,
    });
    const { clock, logger, random, transport, rulesFile } = this.#options;
    this.#alerting = new Alerting({
      clock,
      logger,
      random,
      transport,
      rulesFile,
      offsets: this.#offsets,
      source: () => this.#source()!,
      families: () => this.families(),
    });
    this.#alerting.start();
    void this.#pollRound();
  }

  stop(): void {
    this.#isStopped = true;
    this.#alerting?.stop();
    this.#sampler.stop();
    this.#history.stop();
    this.#pollTimer?.cancel();
  }

  /** What changes in the cluster as this node sees it. */
  get changes(): ClusterChanges {
    return this.#changes;
  }

  /** The last hour of this node. */
  get history(): History {
    return this.#history;
  }

  #historySource(): HistorySource | undefined {
    if (this.#parts === undefined || this.#watch === undefined) return undefined;
    return { parts: this.#parts(), watch: this.#watch, offsets: this.#offsets };
  }

  /** Of the cluster as the active controller's node knows it; empty elsewhere. */
  get offsets(): ClusterOffsets {
    return this.#offsets;
  }

  /** All metrics of this node, read while they are iterated. */
  *families(): Iterable<MetricFamily> {
    yield* processMetrics(this.#scrapeSource());
    const source = this.#source();
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
    if (this.#alerting !== undefined) yield* alertMetrics(this.#alerting);
  }

  #scrapeSource(): ScrapeSource {
    const { clock, facts, syncTimes } = this.#options;
    return { clock, facts, syncTimes, sampler: this.#sampler };
  }

  #source(): NodeSource | undefined {
    if (this.#parts === undefined || this.#watch === undefined) return undefined;
    return { ...this.#scrapeSource(), parts: this.#parts(), watch: this.#watch };
  }

  /** The rooms of the node; undefined before it has started. */
  get parts(): BrokerParts | undefined {
    return this.#parts?.();
  }

  /** Undefined before the node has started. */
  get alerting(): Alerting | undefined {
    return this.#alerting;
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
    const { controller, replicas, metadata, node } = this.#parts!();
    replicas.topicStatistics.retain(topic => metadata.image.topics.byName(topic) !== undefined);
    const startedMs = clock.monotonicMs();
    if (controller?.isActive === true) {
      await this.#poll!.run();
      await this.#alerting!.readCommits();
    } else this.#offsets.clear();
    logger.debug('Offsets and groups were looked up', { tookMs: clock.monotonicMs() - startedMs });
    if (this.#isStopped) return;
    const { metricsPollIntervalMs } = node.current;
    this.#pollTimer = clock.startTimer(metricsPollIntervalMs, () => void this.#pollRound());
  }
}
