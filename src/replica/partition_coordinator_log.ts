import type { PartitionLog } from '../log/partition_log.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { type LeaderEpoch, type Offset, offsetAfter, type PartitionIndex } from '../model/ids.ts';
import { RecordBatch } from '../records/record_batch.ts';
import { splitBatches } from '../records/split_batches.ts';
import type { Partition } from './partition.ts';
import type { ReplicaManager } from './replica_manager.ts';

const ALL_ACKS = -1;

/** The partitions of an internal topic, as the coordinators' room wants them. */
export class PartitionCoordinatorLog {
  readonly #topic: string;
  readonly #replicas: ReplicaManager;
  /** Bytes of one read while a coordinator loads. */
  readonly #loadBufferBytes: number;

  constructor(
    topic: string,
    replicas: ReplicaManager,
    { loadBufferBytes }: { readonly loadBufferBytes: number },
  ) {
    this.#topic = topic;
    this.#replicas = replicas;
    this.#loadBufferBytes = loadBufferBytes;
  }

  append(index: PartitionIndex, epoch: LeaderEpoch, batch: Buffer): Offset | Failure {
    const partition = this.#replicas.partition(this.#topic, index);
    if (failed(partition)) return partition;
    if (partition.leaderEpoch !== epoch) return notLeading(partition, epoch);
    const appended = partition.append(new RecordBatch(batch), {
      requiredAcks: ALL_ACKS,
      origin: 'coordinator',
    });
    return failed(appended) ? appended : offsetAfter(appended.lastOffset, 1);
  }

  whenCommitted(index: PartitionIndex, offset: Offset, done: (failure: Failure | undefined) => void): void {
    const partition = this.#replicas.partition(this.#topic, index);
    if (failed(partition)) done(partition);
    else partition.whenCommitted(offset, done);
  }

  async read(index: PartitionIndex, start: Offset): Promise<readonly RecordBatch[] | Failure> {
    const log = this.#leaderLog(index);
    if (failed(log)) return log;
    const upTo = log.endOffset;
    const read = await log.read(start, { maxBytes: this.#loadBufferBytes, upTo, minOneBatch: true });
    if (failed(read)) return read;
    const batches: RecordBatch[] = [];
    for (const chunk of read.chunks) {
      const split = splitBatches(chunk);
      if (split.failure !== undefined) return split.failure;
      batches.push(...split.batches);
    }
    return batches;
  }

  doubt(index: PartitionIndex): Failure | undefined {
    const partition = this.#replicas.partition(this.#topic, index);
    return failed(partition) ? undefined : partition.cutOff();
  }

  logStartOffset(index: PartitionIndex): Offset | Failure {
    const log = this.#leaderLog(index);
    return failed(log) ? log : log.logStartOffset;
  }

  maxBatchBytes(index: PartitionIndex): number {
    const partition = this.#replicas.partition(this.#topic, index);
    // Without the partition there is no append that could be too large.
    return failed(partition) ? Number.MAX_SAFE_INTEGER : partition.config.maxMessageBytes;
  }

  #leaderLog(index: PartitionIndex): PartitionLog | Failure {
    const partition = this.#replicas.partition(this.#topic, index);
    return failed(partition) ? partition : partition.leaderLog();
  }
}

function notLeading({ name, leaderEpoch }: Partition, epoch: LeaderEpoch): Failure {
  return new Failure(
    Errors.NOT_LEADER_OR_FOLLOWER,
    `${name} is led in epoch ${leaderEpoch}, and no longer in epoch ${epoch}`,
  );
}
