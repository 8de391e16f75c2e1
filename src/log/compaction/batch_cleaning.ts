import type { Failure } from '../../model/failure.ts';
import { MAX_RECORD_BYTES } from '../../model/limits.ts';
import { buildBatch, type RecordInput } from '../../records/build_batch.ts';
import { eachRecord } from '../../records/read_records.ts';
import type { RecordBatch } from '../../records/record_batch.ts';
import type { RecordView } from '../../records/record_view.ts';
import type { CleanedTransactions } from './cleaned_transactions.ts';

export interface BatchCleaningOptions {
  /** Whether a record is the latest of its key, or not to be judged yet. */
  readonly isLatest: (record: RecordView) => boolean;
  readonly transactions: CleanedTransactions;
  /** Whether a producer is remembered by this batch: its header is needed for the sequence numbers and the epoch. */
  readonly remembersProducer: (batch: RecordBatch) => boolean;
  readonly nowMs: number;
  /** `delete.retention.ms`: how long tombstones, and markers of nothing, stay once they could go. */
  readonly deleteRetentionMs: number;
}

/** What became of a batch: the batch itself where nothing changed, undefined where nothing is left. */
export interface CleanedBatch {
  readonly batch: RecordBatch | undefined;
  readonly removedRecords: number;
}

/**
 * Decides what of each batch stays. Tombstones stay for a while after they became the latest of their key in a
 * compacted log, so that readers learn of the deletion: the batch is given the time at which that is over (its delete
 * horizon, KIP-534). The same goes for markers of transactions without batches.
 */
export class BatchCleaning {
  readonly #options: BatchCleaningOptions;

  constructor(options: BatchCleaningOptions) {
    this.#options = options;
  }

  /**
   * @param isLast whether the batch must stay even without records: where the cleaned part of the log ends
   * @returns the failures of {@link eachRecord}
   */
  clean(batch: RecordBatch, { isLast }: { readonly isLast: boolean }): CleanedBatch | Failure {
    const { transactions, remembersProducer } = this.#options;
    const { isControl } = batch;
    const isOfNoUse = isControl ? transactions.isMarkerOfNothing(batch) : transactions.isAborted(batch);
    const dropsAll = isOfNoUse && (!isControl || this.#isPastHorizon(batch));
    const keepsHeader = isLast || (batch.producerId >= 0n && remembersProducer(batch));
    const kept: RecordInput[] = [];
    let hasTombstones = false;
    if (!dropsAll) {
      const failure = eachRecord(batch, MAX_RECORD_BYTES, record => {
        if (!isControl && !this.#stays(batch, record)) return;
        if (record.value === null) hasTombstones = true;
        kept.push(record.toRecord());
      });
      if (failure !== undefined) return failure;
    }
    const removedRecords = batch.recordCount - kept.length;
    if (kept.length === 0) {
      if (!keepsHeader) return { batch: undefined, removedRecords };
      return { batch: batch.recordCount === 0 ? batch : emptied(batch), removedRecords };
    }
    const needsHorizon = !batch.hasDeleteHorizon && (isControl ? isOfNoUse : hasTombstones);
    if (removedRecords === 0 && !needsHorizon) return { batch, removedRecords };
    return { batch: this.#rebuilt(batch, kept, needsHorizon), removedRecords };
  }

  #stays(batch: RecordBatch, record: RecordView): boolean {
    if (record.key === null || !this.#options.isLatest(record)) return false;
    return record.value !== null || !this.#isPastHorizon(batch);
  }

  #isPastHorizon(batch: RecordBatch): boolean {
    return batch.hasDeleteHorizon && BigInt(this.#options.nowMs) >= batch.baseTimestamp;
  }

  #rebuilt(batch: RecordBatch, kept: readonly RecordInput[], needsHorizon: boolean): RecordBatch {
    const { nowMs, deleteRetentionMs } = this.#options;
    let horizon = batch.hasDeleteHorizon ? batch.baseTimestamp : undefined;
    if (needsHorizon) horizon = BigInt(nowMs) + BigInt(Math.min(deleteRetentionMs, Number.MAX_SAFE_INTEGER));
    return buildBatch(kept, {
      ...headerOf(batch),
      compression: batch.compression,
      ...(horizon !== undefined && { deleteHorizonMs: horizon }),
    });
  }
}

function emptied(batch: RecordBatch): RecordBatch {
  return buildBatch([], { ...headerOf(batch), maxTimestamp: batch.maxTimestamp });
}

function headerOf(batch: RecordBatch) {
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    leaderEpoch: batch.partitionLeaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    ...(batch.isLogAppendTime && { logAppendTimeMs: batch.maxTimestamp }),
  };
}
