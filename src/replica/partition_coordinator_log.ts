import type { PartitionLog } from '../log/partition_log.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { type LeaderEpoch, type Offset, offsetAfter, type PartitionIndex } from '../model/ids.ts';
import { intactBatches } from '../records/intact_batches.ts';
import { RecordBatch } from '../records/record_batch.ts';
import type { Partition } from './partition.ts';
import type { ReplicaManager } from './replica_manager.ts';

const ALL_ACKS = -1;

export interface PartitionCoordinatorLogOptions {
  /** Bytes of one read while a coordinator loads. */
  readonly loadBufferBytes: number;
  /** Gets what is damaged on the disk from another replica. */
  readonly mend: (partition: Partition) => void;
}

/** The partitions of an internal topic, as the coordinators' room wants them. */
export class PartitionCoordinatorLog {
  readonly #topic: string;
  readonly #replicas: Pick<ReplicaManager, 'partition'>;
  readonly #options: PartitionCoordinatorLogOptions;

  constructor(
    topic: string,
    replicas: Pick<ReplicaManager, 'partition'>,
    options: PartitionCoordinatorLogOptions,
  ) {
    this.#topic = topic;
    this.#replicas = replicas;
    this.#options = options;
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
    const { loadBufferBytes: maxBytes } = this.#options;
    const upTo = log.endOffset;
    const read = await log.read(start, { maxBytes, upTo, minOneBatch: true });
    const batches = failed(read) ? read : intactBatches(read.chunks);
    const isMissing = !failed(batches) && batches.length === 0 && start < upTo;
    if (!isMissing && !isDamaged(batches)) return batches;
    const partition = this.#replicas.partition(this.#topic, index);
    if (!failed(partition)) this.#options.mend(partition);
    const what = failed(batches) ? batches.message : 'There is no batch';
    return new Failure(
      Errors.CORRUPT_MESSAGE,
      `${this.#topic}-${index} can not be read at offset ${start}: ${what}`,
    );
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

function isDamaged(batches: readonly RecordBatch[] | Failure): boolean {
  if (!failed(batches)) return false;
  return batches.code === Errors.CORRUPT_MESSAGE || batches.code === Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT;
}

function notLeading({ name, leaderEpoch }: Partition, epoch: LeaderEpoch): Failure {
  return new Failure(
    Errors.NOT_LEADER_OR_FOLLOWER,
    `${name} is led in epoch ${leaderEpoch}, and no longer in epoch ${epoch}`,
  );
}
