import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { BrokerEpoch, NodeId, PartitionIndex } from '../model/ids.ts';
import type { Clock, Logger, Network, Timer } from '../model/ports.ts';
import { PeerClient } from '../peers/peer_client.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { TopicSettings } from '../settings/topic_settings.ts';
import { type AlterPartitionPort, IsrChanges } from './isr_changes.ts';
import type { LogIdentity, LogStore } from './log_store.ts';
import { Partition, type PartitionEnvironment, type Role } from './partition.ts';
import type { PartitionState } from './partition_state.ts';
import type { ReplicaCluster } from './replica_cluster.ts';
import { ReplicaFetchers } from './replica_fetchers.ts';
import { ReplicationThrottle } from './replication_throttle.ts';
import { TopicStatistics } from './topic_statistics.ts';

export interface ReplicaManagerOptions {
  readonly nodeId: NodeId;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly network: Network;
  readonly logger: Logger;
  /** Asked for the settings in force whenever they matter. */
  readonly settings: () => BrokerSettings;
  readonly cluster: ReplicaCluster;
  /** Of this broker's registration; -1 while it has none. */
  readonly brokerEpoch: () => BrokerEpoch;
  /** Whether the controller has not answered for a whole session. */
  readonly isControllerSilent: () => boolean;
  readonly alterPartition: AlterPartitionPort;
  /** Told when the log of a replica is open. */
  readonly opened: (partition: Partition) => void;
  /** Told when this broker begins or ceases to lead a partition, or leads it in a newer epoch. */
  readonly leadershipChanged: (partition: Partition) => void;
  /** Told again and again while another broker may lead what this one led (see {@link Partition.cutOff}). */
  readonly leadershipDoubted: (partition: Partition) => void;
}

/** How often leaders look for replicas that could be in sync again, where some are missing. */
const EXPAND_INTERVAL_MS = 500;

/**
 * The partitions of which this broker has replicas: opened, led, followed and given up as the metadata says.
 *
 *     running → closed   close()
 */
export class ReplicaManager {
  readonly #options: ReplicaManagerOptions;
  readonly #environment: PartitionEnvironment;
  readonly #isrChanges: IsrChanges;
  readonly #fetchers: ReplicaFetchers;
  /** Bounds what this broker sends to throttled replicas. */
  readonly leaderThrottle: ReplicationThrottle;
  readonly topicStatistics = new TopicStatistics();
  /** By topic name, then index. */
  readonly #topics = new Map<string, Map<PartitionIndex, Partition>>();
  /** Those that this broker leads. */
  readonly #led = new Set<Partition>();
  /** What is done to each partition's log, one after the other: a topic may be deleted and made again at once. */
  readonly #pending = new Map<string, Promise<void>>();
  #reviewTimer: Timer | undefined;
  #shrinkDueMs = 0;

  constructor(options: ReplicaManagerOptions) {
    const { nodeId, clock, cluster, settings, network } = options;
    this.#options = options;
    this.leaderThrottle = new ReplicationThrottle({ clock, settings, side: 'leader' });
    this.#isrChanges = new IsrChanges(options);
    this.#fetchers = new ReplicaFetchers({
      ...options,
      throttle: new ReplicationThrottle({ clock, settings, side: 'follower' }),
      topicStatistics: this.topicStatistics,
      newPeers: () => new PeerClient({ network, clock, clientId: `broker-${nodeId}-fetcher` }),
    });
    this.#environment = {
      nodeId,
      clock,
      cluster,
      maxLagMs: () => settings().replicaLagTimeMaxMs,
      sessionTimeoutMs: () => settings().brokerSessionTimeoutMs,
      isControllerSilent: options.isControllerSilent,
      roleChanged: (partition, before) => this.#roleChanged(partition, before),
      changeIsr: (partition, change) => this.#isrChanges.submit(partition, change),
    };
    this.#scheduleReview();
  }

  #roleChanged(partition: Partition, before: Role): void {
    if (partition.isLeader) this.#led.add(partition);
    else this.#led.delete(partition);
    if (partition.role.kind === 'following' || before.kind === 'following') {
      this.#fetchers.roleChanged(partition);
    }
    if (partition.isLeader || before.kind === 'leading') this.#options.leadershipChanged(partition);
  }

  /** Followers fall behind without telling, and one that was refused may be eligible by now. */
  #scheduleReview(): void {
    const { clock, settings } = this.#options;
    this.#shrinkDueMs = clock.monotonicMs() + settings().replicaLagTimeMaxMs / 2;
    const review = () => {
      const nowMs = clock.monotonicMs();
      const { replicaLagTimeMaxMs } = settings();
      const isShrinkDue = nowMs >= this.#shrinkDueMs;
      if (isShrinkDue) this.#shrinkDueMs = nowMs + replicaLagTimeMaxMs / 2;
      const isCutOff = this.#options.isControllerSilent();
      for (const partition of this.#led) {
        if (isCutOff && partition.settleCutOff()) this.#options.leadershipDoubted(partition);
        if (isShrinkDue || partition.leadership?.isIncomplete === true) partition.reviewIsr();
      }
      this.#reviewTimer = clock.startTimer(Math.min(EXPAND_INTERVAL_MS, replicaLagTimeMaxMs / 2), review);
    };
    this.#reviewTimer = clock.startTimer(
      Math.min(EXPAND_INTERVAL_MS, settings().replicaLagTimeMaxMs / 2),
      review,
    );
  }

  /** Brokers came, went, or are registered anew: it matters to who may be in sync. */
  brokersChanged(): void {
    for (const partition of this.#led) partition.reviewIsr();
  }

  /** This broker's settings changed. */
  settingsChanged(): void {
    this.#fetchers.settingsChanged();
  }

  /**
   * The partition, in whatever state.
   * @returns UNKNOWN_TOPIC_OR_PARTITION when this broker has no replica of it
   */
  partition(topic: string, index: PartitionIndex): Partition | Failure {
    const partition = this.#topics.get(topic)?.get(index);
    if (partition !== undefined) return partition;
    return new Failure(
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
      `This broker has no replica of ${topic}-${index}: refresh the metadata`,
    );
  }

  /** Whether another broker may lead the partition by now, though this one does not know (see {@link Partition.cutOff}). */
  isCutOff(topic: string, index: PartitionIndex): boolean {
    return this.#options.isControllerSilent() && this.#topics.get(topic)?.get(index)?.cutOff() !== undefined;
  }

  /** Every partition that this broker has a replica of. */
  *partitions(): Iterable<Partition> {
    for (const partitions of this.#topics.values()) yield* partitions.values();
  }

  /** The metadata has a replica on this broker, new or changed. */
  assign(identity: LogIdentity, state: PartitionState, config: TopicSettings): void {
    const { topic, topicId, index } = identity;
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#topics.set(topic, partitions);
    }
    const known = partitions.get(index);
    if (known !== undefined && known.topicId === topicId) {
      known.apply(state);
      return;
    }
    known?.close(this.#deleted(known));
    const partition = new Partition({ ...identity, config }, this.#environment);
    partitions.set(index, partition);
    this.#enqueue(partition.name, () => this.#open(partition, identity));
    partition.apply(state);
  }

  async #open(partition: Partition, identity: LogIdentity): Promise<void> {
    const log = await this.#options.logs.openLog(identity, partition.config);
    if (failed(log)) {
      this.#options.logger.error('Cannot open the log of a partition', {
        partition: partition.name,
        error: log.toString(),
      });
      partition.close(new Failure(Errors.KAFKA_STORAGE_ERROR, log.message));
      return;
    }
    partition.opened(log);
    this.#options.opened(partition);
  }

  /** The metadata has no replica on this broker any more: its log goes. */
  remove(identity: LogIdentity): void {
    const { topic, topicId, index } = identity;
    const partitions = this.#topics.get(topic);
    const partition = partitions?.get(index);
    if (partitions === undefined || partition === undefined || partition.topicId !== topicId) return;
    partitions.delete(index);
    if (partitions.size === 0) this.#topics.delete(topic);
    partition.close(this.#deleted(partition));
    this.#enqueue(partition.name, () => this.#delete(partition));
  }

  async #delete(partition: Partition): Promise<void> {
    const failure = await this.#options.logs.deleteLog(partition);
    if (failure === undefined) return;
    this.#options.logger.error('Cannot delete the log of a partition', {
      partition: partition.name,
      error: failure.toString(),
    });
  }

  #deleted({ name }: Partition): Failure {
    return new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, `${name} was deleted, or moved to other brokers`);
  }

  /** The topic's settings changed. */
  configure(topic: string, config: TopicSettings): void {
    for (const partition of this.#topics.get(topic)?.values() ?? []) partition.config = config;
  }

  /** A log directory failed: its partitions can't be used until the broker is started again. */
  directoryFailed(directory: string, reason: Failure): void {
    for (const partition of this.partitions()) {
      if (partition.log === undefined || !partition.log.directory.startsWith(`${directory}/`)) continue;
      partition.close(reason);
    }
  }

  /** Resolves when all that was asked for so far is done: logs are open, or deleted. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending.values());
  }

  /** Stops leading and following everything: what waits is told that this broker goes. The logs stay open. */
  close(): void {
    this.#reviewTimer?.cancel();
    this.#isrChanges.stop();
    this.#fetchers.close();
    const reason = new Failure(Errors.NOT_LEADER_OR_FOLLOWER, 'This broker is shutting down');
    for (const partition of this.partitions()) partition.close(reason);
  }

  #enqueue(name: string, task: () => Promise<void>): void {
    const next = (this.#pending.get(name) ?? Promise.resolve()).then(task);
    this.#pending.set(name, next);
    void next.then(() => {
      if (this.#pending.get(name) === next) this.#pending.delete(name);
    });
  }
}
