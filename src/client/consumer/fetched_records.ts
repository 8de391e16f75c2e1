import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asLeaderEpoch, type LeaderEpoch, type Offset, offsetAfter } from '../../model/ids.ts';
import { MAX_RECORD_BYTES } from '../../model/limits.ts';
import { readControlRecord } from '../../records/control_records.ts';
import { readRecords } from '../../records/read_records.ts';
import type { Record } from '../../records/record.ts';
import type { RecordBatch } from '../../records/record_batch.ts';
import { splitBatches } from '../../records/split_batches.ts';

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface FetchedPartition {
  /** For errors. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Null unless only committed records are to be seen. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  /** From which record on. */
  readonly position: Offset;
  readonly checksCrcs: boolean;
}

/**
 * The records of one partition out of one fetch, decoded batch after batch as they are wanted. Leaves out control
 * records, records before the position, and those of aborted transactions where only committed ones are to be seen.
 */
export class FetchedRecords {
  readonly #fetched: FetchedPartition;
  readonly #batches: readonly RecordBatch[];
  readonly #failure: Failure | undefined;
  /** Aborted transactions that begin behind the batches gone through, by first offset. */
  readonly #aborted: AbortedTransaction[];
  /** Producers whose transaction, which is open at this place of the log, is aborted. */
  readonly #abortedProducers = new Set<bigint>();
  #nextBatch = 0;
  /** Of the batch that is being given out. */
  #records: readonly Record[] = [];
  #nextRecord = 0;
  #position: Offset;
  /** Of the batch before the position. */
  #epoch: LeaderEpoch = asLeaderEpoch(-1);

  constructor(fetched: FetchedPartition) {
    this.#fetched = fetched;
    const { batches, failure } = splitBatches(fetched.bytes);
    this.#batches = batches;
    this.#failure = failure;
    this.#position = fetched.position;
    this.#aborted = [...(fetched.abortedTransactions ?? [])].sort((left, right) =>
      left.firstOffset < right.firstOffset ? -1 : 1,
    );
  }

  /** Behind the last record that was given out or left out. */
  get position(): Offset {
    return this.#position;
  }

  /** The leader epoch of the record before the position; -1 when nothing was gone through. */
  get epoch(): LeaderEpoch {
    return this.#epoch;
  }

  /** The next record; undefined behind the last; a failure where the bytes are broken. */
  next(): Record | undefined | Failure {
    for (;;) {
      const record = this.#records[this.#nextRecord];
      if (record !== undefined) {
        this.#nextRecord++;
        if (record.offset < this.#position) continue;
        this.#position = offsetAfter(record.offset, 1);
        return record;
      }
      const batch = this.#batches[this.#nextBatch - 1];
      // Records that compaction took out end a batch, too.
      if (batch !== undefined && batch.nextOffset > this.#position) this.#position = batch.nextOffset;
      if (this.#nextBatch === this.#batches.length) return this.#failure;
      const failure = this.#open(this.#batches[this.#nextBatch]!);
      if (failure !== undefined) return failure;
      this.#nextBatch++;
    }
  }

  #open(batch: RecordBatch): Failure | undefined {
    const { checksCrcs, name } = this.#fetched;
    this.#records = [];
    this.#nextRecord = 0;
    if (checksCrcs && !batch.isCrcValid()) {
      return new Failure(
        Errors.CORRUPT_MESSAGE,
        `The batch of ${name} at offset ${batch.baseOffset} fails its checksum: skip it by going on at offset ${batch.nextOffset}`,
      );
    }
    this.#epoch = batch.partitionLeaderEpoch;
    while (this.#aborted[0] !== undefined && this.#aborted[0].firstOffset <= batch.lastOffset) {
      this.#abortedProducers.add(this.#aborted.shift()!.producerId);
    }
    if (batch.isControl) return this.#passControl(batch);
    const isAborted = batch.isTransactional && this.#abortedProducers.has(batch.producerId);
    if (isAborted || batch.lastOffset < this.#position) return undefined;
    const records = readRecords(batch, MAX_RECORD_BYTES);
    if (failed(records)) return records;
    this.#records = records;
    return undefined;
  }

  /** The end of a transaction: what its producer writes behind it belongs to another. */
  #passControl(batch: RecordBatch): Failure | undefined {
    if (!this.#abortedProducers.has(batch.producerId)) return undefined;
    const records = readRecords(batch, MAX_RECORD_BYTES);
    if (failed(records)) return records;
    for (const record of records) {
      const control = readControlRecord(record);
      if (!failed(control) && control.type === 'ABORT') this.#abortedProducers.delete(batch.producerId);
    }
    return undefined;
  }
}
