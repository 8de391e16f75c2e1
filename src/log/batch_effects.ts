import { failed } from '../model/failure.ts';
import { readControlRecord } from '../records/control_records.ts';
import { readRecords } from '../records/read_records.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import type { EndMarker, ProducerState } from './producer_state.ts';
import type { AbortedTransaction } from './transaction_index.ts';

/** What a batch of control records may decompress to; Kafka never compresses them. */
const MAX_CONTROL_BYTES = 1024 * 1024;

/** The marker in a control batch that ends a transaction; undefined when it is another one, or none any more. */
export function endMarkerOf(batch: RecordBatch): EndMarker | undefined {
  const records = readRecords(batch, MAX_CONTROL_BYTES);
  // A compaction leaves the batch without its record when all of the transaction is gone.
  if (failed(records) || records.length === 0) return undefined;
  const marker = readControlRecord(records[0]!);
  if (failed(marker) || (marker.type !== 'COMMIT' && marker.type !== 'ABORT')) return undefined;
  return marker;
}

/**
 * Does to the producers' state what a batch of the log does, appended just now or read again.
 * @param aborted told of the transaction that the batch aborts
 */
export function applyToProducers(
  batch: RecordBatch,
  producers: ProducerState,
  aborted: (transaction: AbortedTransaction) => void,
): void {
  const { producerId } = batch;
  if (producerId >= 0n) {
    if (!batch.isControl) {
      producers.apply(batch);
    } else {
      const marker = endMarkerOf(batch);
      const completed = marker === undefined ? undefined : producers.applyMarker(batch, marker);
      if (completed !== undefined) {
        const lastStableOffset = producers.complete(completed);
        const { firstOffset, lastOffset } = completed;
        if (completed.isAborted) aborted({ producerId, firstOffset, lastOffset, lastStableOffset });
      }
    }
  }
  producers.endOffset = batch.nextOffset;
}
