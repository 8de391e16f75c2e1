import type { Offset, ProducerId } from '../../model/ids.ts';
import type { RecordBatch } from '../../records/record_batch.ts';
import { endMarkerOf } from '../batch_effects.ts';
import type { AbortedTransaction } from '../transaction_index.ts';

interface OngoingAbort {
  readonly transaction: AbortedTransaction;
  /** Whether the log still has a batch of it. */
  hasBatches: boolean;
}

/**
 * The transactions that batches belong to, as a pass over the log comes to them: records of aborted ones go, and a
 * marker may go when no batch of its transaction is left. Batches are to be told in their order.
 */
export class CleanedTransactions {
  /** Those that the pass has not come to yet, by their first offsets, the last first. */
  readonly #ahead: AbortedTransaction[];
  readonly #aborting = new Map<ProducerId, OngoingAbort>();
  /** Producers with batches of a transaction that was, or may yet be, committed. */
  readonly #committing = new Set<ProducerId>();
  readonly #kept: ((transaction: AbortedTransaction) => void) | undefined;

  /**
   * @param aborted all with records in what the pass goes through
   * @param kept told of those whose marker is still needed, when the pass comes to it
   */
  constructor(aborted: readonly AbortedTransaction[], kept?: (transaction: AbortedTransaction) => void) {
    this.#ahead = aborted.toSorted((left, right) => (left.firstOffset > right.firstOffset ? -1 : 1));
    this.#kept = kept;
  }

  /** Whether the records of a batch go: they are of an aborted transaction. */
  isAborted(batch: RecordBatch): boolean {
    this.#comeTo(batch.lastOffset);
    if (!batch.isTransactional) return false;
    const ongoing = this.#aborting.get(batch.producerId);
    if (ongoing === undefined) {
      this.#committing.add(batch.producerId);
      return false;
    }
    ongoing.hasBatches = true;
    return true;
  }

  /** Whether nothing needs a control batch any more: it ends a transaction of which there is no batch. */
  isMarkerOfNothing(batch: RecordBatch): boolean {
    this.#comeTo(batch.lastOffset);
    // Its record was dropped before.
    if (batch.recordCount === 0) return true;
    const marker = endMarkerOf(batch);
    if (marker === undefined) return false;
    const { producerId } = batch;
    if (marker.type === 'COMMIT') return !this.#committing.delete(producerId);
    const ongoing = this.#aborting.get(producerId);
    this.#aborting.delete(producerId);
    if (ongoing?.hasBatches !== true) return true;
    this.#kept?.(ongoing.transaction);
    return false;
  }

  #comeTo(offset: Offset): void {
    for (
      let next = this.#ahead.at(-1);
      next !== undefined && next.firstOffset <= offset;
      next = this.#ahead.at(-1)
    ) {
      this.#ahead.pop();
      this.#aborting.set(next.producerId, { transaction: next, hasBatches: false });
    }
  }
}
