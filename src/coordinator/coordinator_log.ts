import type { Failure } from '../model/failure.ts';
import type { LeaderEpoch, Offset, PartitionIndex } from '../model/ids.ts';
import type { RecordBatch } from '../records/record_batch.ts';

/** What a coordinator needs of the partitions of its internal topic; the replica room provides it. */
export interface CoordinatorLog {
  /**
   * Appends one batch as the leader of `epoch`.
   * @returns the offset behind the batch; NOT_LEADER_OR_FOLLOWER when the leadership is gone, MESSAGE_TOO_LARGE,
   * NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR
   */
  append(partition: PartitionIndex, epoch: LeaderEpoch, batch: Buffer): Offset | Failure;
  /** Calls back once when everything before `offset` is committed, or with a failure when that will not be. */
  whenCommitted(
    partition: PartitionIndex,
    offset: Offset,
    done: (failure: Failure | undefined) => void,
  ): void;
  /**
   * Batches from `start` on, some of them, as they were written; an empty list at the end of the log.
   * @returns CORRUPT_MESSAGE when the disk returns something else: it is seen to that it is mended
   */
  read(partition: PartitionIndex, start: Offset): Promise<readonly RecordBatch[] | Failure>;
  /**
   * Why another broker may lead the partition by now though this one does not know; undefined when all is well. What
   * this one remembers may be old then.
   */
  doubt(partition: PartitionIndex): Failure | undefined;
  logStartOffset(partition: PartitionIndex): Offset | Failure;
  /** The largest batch that {@link append} takes: the topic's `max.message.bytes`. */
  maxBatchBytes(partition: PartitionIndex): number;
}
