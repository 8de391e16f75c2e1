import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { LeaderEpoch, PartitionIndex } from '../model/ids.ts';
import type { Clock, Logger } from '../model/ports.ts';
import type { CompressionType } from '../records/record_batch.ts';
import type { CoordinatorLog } from './coordinator_log.ts';
import type { CoordinatorResult, CoordinatorShard, CoordinatorTimers } from './coordinator_shard.ts';
import { ShardHost } from './shard_host.ts';

export interface CoordinatorRuntimeOptions<Shard extends CoordinatorShard> {
  readonly log: CoordinatorLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a response waits for its records to be committed (`offsets.commit.timeout.ms`). */
  readonly writeTimeoutMs: number;
  /** Of the batches that are appended (`offsets.topic.compression.codec`). */
  readonly compression: CompressionType;
  /** Makes the empty shard of a partition. */
  readonly createShard: (partition: PartitionIndex, timers: CoordinatorTimers) => Shard;
}

/**
 * Runs the shards of one kind of coordinator: loads them when this broker starts to lead a partition of the internal
 * topic, drops them when it no longer does, and takes their operations through the log. Operations on a shard happen
 * one after the other, in the order of the calls.
 */
export class CoordinatorRuntime<Shard extends CoordinatorShard> {
  readonly #options: CoordinatorRuntimeOptions<Shard>;
  /** The partitions that this broker leads, loading or active. */
  readonly #hosts = new Map<PartitionIndex, ShardHost<Shard>>();

  constructor(options: CoordinatorRuntimeOptions<Shard>) {
    this.#options = options;
  }

  /** This broker leads the partition in `epoch`: replays its log, then serves it. Older epochs are ignored. */
  lead(partition: PartitionIndex, epoch: LeaderEpoch): void {
    const current = this.#hosts.get(partition);
    if (current !== undefined && current.epoch >= epoch) return;
    current?.stop('the partition has a newer leader epoch');
    const host = new ShardHost({ ...this.#options, partition, epoch });
    this.#hosts.set(partition, host);
    void host.load();
  }

  /** This broker no longer leads the partition, or it is gone. */
  resign(partition: PartitionIndex): void {
    const host = this.#hosts.get(partition);
    this.#hosts.delete(partition);
    host?.stop('the partition moved to another broker');
  }

  /** Another broker may lead the partition by now, though this one does not know. */
  doubted(partition: PartitionIndex): void {
    this.#hosts.get(partition)?.doubted();
  }

  /**
   * Runs an operation that may change the shard. The response comes when its records are committed; without records
   * it comes when those of earlier operations are, so that nobody is told of what may yet be lost.
   * @returns NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, or what the operation or the log refused
   */
  write<Response>(
    partition: PartitionIndex,
    operation: (shard: Shard) => CoordinatorResult<Response> | Failure,
  ): Promise<Response | Failure> {
    const host = this.#hosts.get(partition);
    if (host === undefined) return Promise.resolve(this.#notCoordinator(partition));
    return host.write(operation);
  }

  /** Runs an operation that only looks: its response waits for the commits that it has seen the records of. */
  read<Response>(
    partition: PartitionIndex,
    operation: (shard: Shard) => Response | Failure,
  ): Promise<Response | Failure> {
    return this.write(partition, shard => {
      const response = operation(shard);
      return failed(response) ? response : { records: [], response };
    });
  }

  /** The partitions that this broker leads, those that are still loading too. */
  get partitions(): PartitionIndex[] {
    return [...this.#hosts.keys()];
  }

  /** Every shard, those that are still loading too. */
  get shards(): Shard[] {
    return Array.from(this.#hosts.values(), host => host.shard);
  }

  /** The shard of a partition as it is now, for metrics; undefined unless active. */
  peek(partition: PartitionIndex): Shard | undefined {
    return this.#hosts.get(partition)?.activeShard;
  }

  close(): void {
    for (const partition of this.partitions) this.resign(partition);
  }

  #notCoordinator(partition: PartitionIndex): Failure {
    return new Failure(
      Errors.NOT_COORDINATOR,
      `This broker does not coordinate partition ${partition} of the internal topic: look the coordinator up again`,
    );
  }
}
