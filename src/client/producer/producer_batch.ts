import { assert } from '../../model/assert.ts';
import type { PartitionIndex, ProducerEpoch, ProducerId } from '../../model/ids.ts';
import { type BatchOptions, buildBatch, type RecordInput } from '../../records/build_batch.ts';
import { addSequence, BATCH_OVERHEAD_BYTES } from '../../records/record_batch.ts';
import type { Delivered, DeliveryFailure, ProducerRecord } from './delivery.ts';

/** A record with who waits for it. */
export interface PendingRecord {
  readonly record: ProducerRecord;
  readonly timestamp: bigint;
  /** About what it takes in a batch. */
  readonly sizeBytes: number;
  readonly settle: (outcome: Delivered | DeliveryFailure) => void;
}

/** Lengths, deltas and attributes of a record, at most. */
const RECORD_OVERHEAD_BYTES = 26;
const HEADER_OVERHEAD_BYTES = 10;

/** What a record takes in a batch at most, without compression. */
export function recordSizeBytes({ headers = [], key, value }: ProducerRecord): number {
  let sizeBytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) {
    sizeBytes += HEADER_OVERHEAD_BYTES + Buffer.byteLength(header.key) + (header.value?.length ?? 0);
  }
  return sizeBytes;
}

/** Who a batch is from, so that the broker knows it again. */
export interface BatchIdentity {
  readonly producerId: ProducerId;
  readonly producerEpoch: ProducerEpoch;
  readonly baseSequence: number;
}

/** Records for one partition that are sent together. */
export class ProducerBatch {
  readonly records: PendingRecord[] = [];
  /** Its place among the batches of its partition, those that it is split into having their share of `span`. */
  readonly ordinal: number;
  readonly #span: number;
  /** Monotonic time of its first record. */
  readonly createdMs: number;
  /** With the batch's header. */
  sizeBytes = BATCH_OVERHEAD_BYTES;
  /** Tries that failed. */
  failures = 0;
  /** Not tried again before this. */
  retryAtMs = 0;
  /** Whether a try may have been written. Never goes back. */
  mayBeWritten = false;
  /** Set when it is first sent, if the producer is idempotent: every later try is the same to the broker. */
  #identity: BatchIdentity | undefined;
  #encoded: Buffer | undefined;
  #isSealed = false;

  constructor(ordinal: number, createdMs: number, span = 1) {
    this.ordinal = ordinal;
    this.createdMs = createdMs;
    this.#span = span;
  }

  get identity(): BatchIdentity | undefined {
    return this.#identity;
  }

  /** Whether it was sent: nothing is added from then on. */
  get isSealed(): boolean {
    return this.#isSealed;
  }

  add(record: PendingRecord): void {
    assert(!this.isSealed, 'a record is added to a batch that was sent');
    this.records.push(record);
    this.sizeBytes += record.sizeBytes;
  }

  /** The batch's bytes, the same at each try. */
  encode(identity: BatchIdentity | undefined, options: BatchOptions): Buffer {
    if (this.#encoded === undefined) {
      this.#isSealed = true;
      this.#identity ??= identity;
      const inputs = this.records.map(({ record, timestamp }): RecordInput => ({ ...record, timestamp }));
      this.#encoded = buildBatch(inputs, { ...options, ...this.#identity }).buffer;
    }
    return this.#encoded;
  }

  /** Its sequence counts no more: it gets another with the next identity. Only while it can't have been written. */
  forgetIdentity(): void {
    assert(!this.mayBeWritten, 'a batch that may be written gets another sequence');
    this.#identity = undefined;
    this.#encoded = undefined;
  }

  /** Two batches with the same records, the sequences of the second going on where those of the first end. */
  split(): [ProducerBatch, ProducerBatch] {
    const middle = this.records.length >> 1;
    const span = this.#span / 2;
    const first = this.#part(this.records.slice(0, middle), { ordinal: this.ordinal, span, from: 0 });
    const rest = { ordinal: this.ordinal + span, span, from: middle };
    return [first, this.#part(this.records.slice(middle), rest)];
  }

  #part(
    records: readonly PendingRecord[],
    { from, ordinal, span }: { readonly from: number; readonly ordinal: number; readonly span: number },
  ): ProducerBatch {
    const half = new ProducerBatch(ordinal, this.createdMs, span);
    for (const record of records) half.add(record);
    half.failures = this.failures;
    half.#isSealed = true;
    const identity = this.#identity;
    if (identity !== undefined) {
      half.#identity = { ...identity, baseSequence: addSequence(identity.baseSequence, from) };
    }
    return half;
  }

  deliver(partition: PartitionIndex, baseOffset: bigint, logAppendTimeMs: bigint): void {
    this.records.forEach(({ settle, timestamp }, index) => {
      settle({
        partition,
        offset: (baseOffset < 0n ? baseOffset : baseOffset + BigInt(index)) as Delivered['offset'],
        timestamp: logAppendTimeMs >= 0n ? logAppendTimeMs : timestamp,
      });
    });
  }

  fail(failure: DeliveryFailure): void {
    for (const { settle } of this.records) settle(failure);
  }
}
