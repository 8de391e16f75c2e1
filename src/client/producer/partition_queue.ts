import { addSequence } from '../../records/record_batch.ts';
import type { TopicPartition } from '../topic_partition.ts';
import { type PendingRecord, ProducerBatch } from './producer_batch.ts';

/**
 * The batches of one partition, in the order in which they must be in the log: those that wait to be sent or sent
 * again, and those that are on their way.
 *
 *     open → waiting → in flight → delivered, failed, or waiting again in its old place
 */
export class PartitionQueue {
  readonly target: TopicPartition;
  /** By ordinal; the last may still take records. */
  readonly #waiting: ProducerBatch[] = [];
  /** By ordinal: sent, not answered. */
  readonly #inFlight: ProducerBatch[] = [];
  #nextOrdinal = 0;
  /** The sequence of the next record that gets one. */
  nextSequence = 0;

  constructor(target: TopicPartition) {
    this.target = target;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.length === 0;
  }

  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  /** The batch that is to be sent next. */
  get head(): ProducerBatch | undefined {
    return this.#waiting[0];
  }

  /** Whether the head takes no more records, since it was sent before or others are behind it. */
  get isHeadComplete(): boolean {
    return this.#waiting.length > 1 || this.#waiting[0]?.isSealed === true;
  }

  /** Whether a batch has to be sent again: until it got through, batches go one by one, so that their order stays. */
  get isRetrying(): boolean {
    const hasFailed = (batch: ProducerBatch | undefined) => batch !== undefined && batch.failures > 0;
    return hasFailed(this.#waiting[0]) || hasFailed(this.#inFlight[0]);
  }

  /** Adds a record; whether it began a batch. */
  add(record: PendingRecord, { batchSizeBytes, nowMs }: { batchSizeBytes: number; nowMs: number }): boolean {
    const last = this.#waiting.at(-1);
    if (last !== undefined && !last.isSealed && last.sizeBytes + record.sizeBytes <= batchSizeBytes) {
      last.add(record);
      return false;
    }
    const batch = new ProducerBatch(this.#nextOrdinal++, nowMs);
    batch.add(record);
    this.#waiting.push(batch);
    return true;
  }

  /** Takes the head for sending. */
  take(): ProducerBatch {
    const batch = this.#waiting.shift()!;
    this.#inFlight.push(batch);
    return batch;
  }

  /** The sequence for a batch that is sent for the first time. */
  takeSequence(batch: ProducerBatch): number {
    const sequence = this.nextSequence;
    this.nextSequence = addSequence(sequence, batch.records.length);
    return sequence;
  }

  /** The batch was answered, or its request failed. */
  landed(batch: ProducerBatch): void {
    const at = this.#inFlight.indexOf(batch);
    if (at >= 0) this.#inFlight.splice(at, 1);
  }

  /** Puts a batch back in its place, to be sent again. */
  putBack(batch: ProducerBatch): void {
    const at = this.#waiting.findIndex(other => other.ordinal > batch.ordinal);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, batch);
  }

  /** Whether a batch in front of this one is not settled. */
  hasEarlier(batch: ProducerBatch): boolean {
    const isEarlier = (other: ProducerBatch | undefined) =>
      other !== undefined && other !== batch && other.ordinal < batch.ordinal;
    return isEarlier(this.#waiting[0]) || isEarlier(this.#inFlight[0]);
  }

  /** Takes out the waiting batches that are older than allowed. */
  takeExpired(createdBeforeMs: number): ProducerBatch[] {
    const expired = this.#waiting.filter(batch => batch.createdMs <= createdBeforeMs);
    if (expired.length === 0) return expired;
    const kept = this.#waiting.filter(batch => batch.createdMs > createdBeforeMs);
    this.#waiting.length = 0;
    this.#waiting.push(...kept);
    return expired;
  }
}
