import type { RecordBatch } from '../../records/record_batch.ts';
import type { Segment } from '../segment.ts';
import type { IndexedBatch } from '../segment_indexes.ts';
import type { AbortedTransaction } from '../transaction_index.ts';

/** Writes batches into a new segment, in large writes. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #bufferBytes: number;
  #chunks: Buffer[] = [];
  #batches: IndexedBatch[] = [];
  #sizeBytes = 0;

  constructor(segment: Segment, bufferBytes: number) {
    this.segment = segment;
    this.#bufferBytes = bufferBytes;
  }

  /** @throws {DiskError} */
  add({ buffer, lastOffset, maxTimestamp, sizeBytes }: RecordBatch): void {
    this.#batches.push({ lastOffset, maxTimestamp, sizeBytes, position: this.#sizeBytes });
    this.#chunks.push(buffer);
    this.#sizeBytes += sizeBytes;
    if (this.#sizeBytes >= this.#bufferBytes) this.flush();
  }

  /** Readers of the segment are to leave out an aborted transaction. */
  keepAborted(transaction: AbortedTransaction): void {
    this.segment.growing.transactions.append(transaction);
  }

  /** @throws {DiskError} */
  flush(): void {
    if (this.#batches.length === 0) return;
    this.segment.append(Buffer.concat(this.#chunks, this.#sizeBytes), this.#batches);
    this.#chunks = [];
    this.#batches = [];
    this.#sizeBytes = 0;
  }
}
