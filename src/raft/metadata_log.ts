import type { Failure } from '../model/failure.ts';
import type { LeaderEpoch, Offset } from '../model/ids.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';

/**
 * The log of the partition `__cluster_metadata-0`, as the quorum uses it. An append holds at once for the process, and
 * survives a crash of the machine only after {@link sync}. A failure is KAFKA_STORAGE_ERROR: the log is not to be used
 * any more. While a truncation or a restart is under way nothing else may change the log.
 */
export interface MetadataLog {
  /** The first offset; records before it are in snapshots only. */
  readonly startOffset: Offset;
  /** The offset behind the last record, durable or not. */
  readonly endOffset: Offset;
  readonly sizeBytes: number;
  /** The epoch of the last record; undefined when there is none. */
  readonly lastEpoch: LeaderEpoch | undefined;
  /**
   * Appends whole batches whose offsets go on from {@link endOffset}, with their leader epochs in them.
   * @param leaderEpoch the leader's: no batch is of a later one
   */
  append(records: Buffer, leaderEpoch: LeaderEpoch): Failure | undefined;
  /** Resolves when everything appended before the call is durable. */
  sync(): Promise<Failure | undefined>;
  /**
   * Whole batches from the one that has `offset` on, some to a buffer, of about `maxBytes` together but at least one;
   * none at the end of the log.
   * @param offset at or behind {@link startOffset}
   */
  read(offset: Offset, maxBytes: number): readonly Buffer[] | Failure | Promise<readonly Buffer[] | Failure>;
  /**
   * The last epoch at or before `epoch` that the log has records of, and where it ends. When all epochs of the log are
   * later: `epoch` itself, and where the first of them begins. Undefined when `epoch` is later than all of them.
   */
  endOfEpoch(epoch: LeaderEpoch): OffsetAndEpoch | undefined;
  /** The epoch of the record at `offset`; undefined when the log has none there. */
  epochAt(offset: Offset): LeaderEpoch | undefined;
  /** Drops the records from `offset` on. */
  truncateTo(offset: Offset): Promise<Failure | undefined>;
  /** Drops everything; the log goes on at `offset`. */
  restartAt(offset: Offset): Promise<Failure | undefined>;
  /** Drops what is before `offset`, which is committed, as far as whole segments go. */
  deleteBefore(offset: Offset): Failure | undefined;
  close(): Promise<void>;
}
