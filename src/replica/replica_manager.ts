import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { NodeId, PartitionIndex } from '../model/ids.ts';
import type { Logger } from '../model/ports.ts';
import type { TopicSettings } from '../settings/topic_settings.ts';
import type { LogIdentity, LogStore } from './log_store.ts';
import { Partition } from './partition.ts';
import type { PartitionState } from './partition_state.ts';

export interface ReplicaManagerOptions {
  readonly nodeId: NodeId;
  readonly logs: LogStore;
  readonly logger: Logger;
  /** Told when this broker begins or ceases to lead a partition, or leads it in a newer epoch. */
  readonly leadershipChanged: (partition: Partition) => void;
}

/** The partitions of which this broker has replicas: opened, led and given up as the metadata says. */
export class ReplicaManager {
  readonly #options: ReplicaManagerOptions;
  /** By topic name, then index. */
  readonly #topics = new Map<string, Map<PartitionIndex, Partition>>();
  /** What is done to each partition's log, one after the other: a topic may be deleted and made again at once. */
  readonly #pending = new Map<string, Promise<void>>();

  constructor(options: ReplicaManagerOptions) {
    this.#options = options;
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
      this.#apply(known, state);
      return;
    }
    known?.close(this.#deleted(known));
    const partition = new Partition({ ...identity, nodeId: this.#options.nodeId, config });
    partitions.set(index, partition);
    this.#enqueue(partition.name, () => this.#open(partition, config));
    this.#apply(partition, state);
  }

  async #open(partition: Partition, config: TopicSettings): Promise<void> {
    const log = await this.#options.logs.openLog(partition, config);
    if (failed(log)) {
      this.#options.logger.error('Cannot open the log of a partition', {
        partition: partition.name,
        error: log.toString(),
      });
      partition.close(new Failure(Errors.KAFKA_STORAGE_ERROR, log.message));
      return;
    }
    const wasLeader = partition.isLeader;
    partition.opened(log);
    if (partition.isLeader !== wasLeader) this.#options.leadershipChanged(partition);
  }

  #apply(partition: Partition, state: PartitionState): void {
    const { isLeader, leaderEpoch } = partition;
    partition.apply(state);
    if (partition.isLeader !== isLeader || (isLeader && partition.leaderEpoch !== leaderEpoch)) {
      this.#options.leadershipChanged(partition);
    }
  }

  /** The metadata has no replica on this broker any more: its log goes. */
  remove(identity: LogIdentity): void {
    const { topic, topicId, index } = identity;
    const partitions = this.#topics.get(topic);
    const partition = partitions?.get(index);
    if (partitions === undefined || partition === undefined || partition.topicId !== topicId) return;
    partitions.delete(index);
    if (partitions.size === 0) this.#topics.delete(topic);
    const wasLeader = partition.isLeader;
    partition.close(this.#deleted(partition));
    if (wasLeader) this.#options.leadershipChanged(partition);
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
    for (const partition of this.#topics.get(topic)?.values() ?? []) {
      partition.config = config;
      partition.log?.updateConfig(config);
    }
  }

  /** A log directory failed: its partitions can't be used until the broker is started again. */
  directoryFailed(directory: string, reason: Failure): void {
    for (const partition of this.partitions()) {
      if (partition.log === undefined || !partition.log.directory.startsWith(`${directory}/`)) continue;
      const wasLeader = partition.isLeader;
      partition.close(reason);
      if (wasLeader) this.#options.leadershipChanged(partition);
    }
  }

  /** Resolves when all that was asked for so far is done: logs are open, or deleted. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending.values());
  }

  /** Stops leading everything: what waits is told that this broker goes. The logs stay open. */
  close(): void {
    const reason = new Failure(Errors.NOT_LEADER_OR_FOLLOWER, 'This broker is shutting down');
    for (const partition of this.partitions()) {
      const wasLeader = partition.isLeader;
      partition.close(reason);
      if (wasLeader) this.#options.leadershipChanged(partition);
    }
  }

  #enqueue(name: string, task: () => Promise<void>): void {
    const next = (this.#pending.get(name) ?? Promise.resolve()).then(task);
    this.#pending.set(name, next);
    void next.then(() => {
      if (this.#pending.get(name) === next) this.#pending.delete(name);
    });
  }
}
