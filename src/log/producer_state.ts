import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import {
  asOffset,
  minOffset,
  NO_PRODUCER_EPOCH,
  type Offset,
  type ProducerEpoch,
  type ProducerId,
} from '../model/ids.ts';
import type { RecordBatch } from '../records/record_batch.ts';

/*
 * What a partition remembers of the producers that wrote to it with a producer id (KIP-98): the last batches, to tell
 * a batch that was sent again from one that is missing another before it, and the open transactions, from which
 * follows up to where readers of committed records may read.
 */

/** Batches of a producer by which one that was sent again is recognized: clients have at most this many in flight. */
const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fffffff;
const NO_SEQUENCE = -1;
const NO_COORDINATOR_EPOCH = -1;
/**
 * Producers that one partition remembers. Above it the longest idle tenth without an open transaction is forgotten,
 * as if it had expired: such a producer may go on with any sequence number.
 */
const MAX_PRODUCERS = 100_000;

/** Who appends, which decides what is checked. */
export type AppendOrigin =
  /** A producer: everything is checked. */
  | 'client'
  /** A coordinator of this broker: no sequence numbers; markers may be written. */
  | 'coordinator'
  /** The quorum's leader: its own batches, without producer ids. */
  | 'raft';

/** A batch that a producer wrote before. */
export interface RememberedBatch {
  readonly lastSequence: number;
  readonly lastOffset: Offset;
  /** From the first to the last offset, and from the first to the last sequence. */
  readonly offsetDelta: number;
  /** The largest timestamp in the batch. */
  readonly timestamp: bigint;
}

export interface ProducerEntry {
  readonly producerId: ProducerId;
  epoch: ProducerEpoch;
  /** Epoch of the coordinator that wrote the last marker; -1 before the first. */
  coordinatorEpoch: number;
  /** Of the last batch or marker; decides when the producer is forgotten. */
  lastTimestamp: bigint;
  /** First offset of the open transaction. */
  transactionFirstOffset: Offset | undefined;
  /** The last batches of {@link epoch}, oldest first. */
  batches: RememberedBatch[];
}

/** The marker that ends a transaction. */
export interface EndMarker {
  readonly type: 'COMMIT' | 'ABORT';
  readonly coordinatorEpoch: number;
}

/** A transaction whose end was written. */
export interface CompletedTransaction {
  readonly producerId: ProducerId;
  readonly firstOffset: Offset;
  /** Offset of the marker. */
  readonly lastOffset: Offset;
  readonly isAborted: boolean;
}

export class ProducerState {
  readonly #producers = new Map<ProducerId, ProducerEntry>();
  /** First offset → producer, of the open transactions. Transactions begin in the order of offsets, so it is sorted. */
  readonly #open = new Map<Offset, ProducerId>();
  /** Completed transactions whose marker is not below the high watermark yet, in the order of the markers. */
  readonly #unreplicated: CompletedTransaction[] = [];
  /** The lowest first offset among {@link #unreplicated}. */
  #firstUnreplicated: Offset | undefined;
  /** The state is that of all batches below this offset. */
  endOffset: Offset;

  constructor(endOffset: Offset) {
    this.endOffset = endOffset;
  }

  get count(): number {
    return this.#producers.size;
  }

  get isEmpty(): boolean {
    return this.#producers.size === 0 && this.#unreplicated.length === 0;
  }

  /** The entries are the state's own and change with it. */
  get producers(): Iterable<Readonly<ProducerEntry>> {
    return this.#producers.values();
  }

  get(producerId: ProducerId): Readonly<ProducerEntry> | undefined {
    return this.#producers.get(producerId);
  }

  /** Takes a producer over from a snapshot, in any order. */
  restore(entries: readonly ProducerEntry[]): void {
    for (const entry of entries) this.#producers.set(entry.producerId, entry);
    const open = entries.filter(entry => entry.transactionFirstOffset !== undefined);
    open.sort((left, right) => (left.transactionFirstOffset! < right.transactionFirstOffset! ? -1 : 1));
    for (const entry of open) this.#open.set(entry.transactionFirstOffset!, entry.producerId);
  }

  /** Whether a batch with a producer id may be appended, or was before; for batches that are no markers. */
  check(batch: RecordBatch, origin: AppendOrigin): RememberedBatch | Failure | undefined {
    const entry = this.#producers.get(batch.producerId);
    if (entry === undefined) return undefined;
    if (origin === 'client') {
      const duplicate = findDuplicate(entry, batch);
      if (duplicate !== undefined) return duplicate;
    }
    const fenced = checkEpoch(entry, batch.producerEpoch);
    if (fenced !== undefined) return fenced;
    const outOfOrder = origin === 'client' ? checkSequence(entry, batch) : undefined;
    if (outOfOrder !== undefined) return outOfOrder;
    if (entry.transactionFirstOffset !== undefined && !batch.isTransactional) {
      return new Failure(
        Errors.INVALID_TXN_STATE,
        `Producer ${batch.producerId} sends a batch outside of the transaction that it has open since offset ${entry.transactionFirstOffset}`,
      );
    }
    return undefined;
  }

  /** Whether a coordinator may write this marker. */
  checkMarker(batch: RecordBatch, marker: EndMarker): Failure | undefined {
    const entry = this.#producers.get(batch.producerId);
    if (entry === undefined) return undefined;
    const fenced = checkEpoch(entry, batch.producerEpoch);
    if (fenced !== undefined) return fenced;
    if (marker.coordinatorEpoch >= entry.coordinatorEpoch) return undefined;
    return new Failure(
      Errors.TRANSACTION_COORDINATOR_FENCED,
      `The marker for producer ${batch.producerId} is of coordinator epoch ${marker.coordinatorEpoch}; ${entry.coordinatorEpoch} wrote one before`,
    );
  }

  /** Notes a batch of a producer that was appended. */
  apply(batch: RecordBatch): void {
    const entry = this.#entry(batch.producerId);
    this.#setEpoch(entry, batch.producerEpoch);
    const { baseOffset, lastOffsetDelta, lastSequence, maxTimestamp } = batch;
    if (entry.batches.length === REMEMBERED_BATCHES) entry.batches.shift();
    entry.batches.push({
      lastSequence,
      lastOffset: asOffset(baseOffset + BigInt(lastOffsetDelta)),
      offsetDelta: lastOffsetDelta,
      timestamp: maxTimestamp,
    });
    entry.lastTimestamp = maxTimestamp;
    if (batch.isTransactional && entry.transactionFirstOffset === undefined) {
      entry.transactionFirstOffset = baseOffset;
      this.#open.set(baseOffset, batch.producerId);
    }
  }

  /**
   * Notes a marker that was appended.
   * @returns the transaction that it completes, to be told to {@link complete}; undefined when none was open
   */
  applyMarker(batch: RecordBatch, marker: EndMarker): CompletedTransaction | undefined {
    const entry = this.#entry(batch.producerId);
    this.#setEpoch(entry, batch.producerEpoch);
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    entry.lastTimestamp = batch.maxTimestamp;
    const firstOffset = entry.transactionFirstOffset;
    if (firstOffset === undefined) return undefined;
    return {
      producerId: batch.producerId,
      firstOffset,
      lastOffset: batch.baseOffset,
      isAborted: marker.type === 'ABORT',
    };
  }

  /**
   * Ends a transaction.
   * @returns the last stable offset that its end makes, before replication is looked at
   */
  complete(transaction: CompletedTransaction): Offset {
    const { producerId, firstOffset, lastOffset } = transaction;
    const entry = this.#producers.get(producerId);
    assert(entry?.transactionFirstOffset === firstOffset, `no transaction is open at offset ${firstOffset}`);
    entry.transactionFirstOffset = undefined;
    this.#open.delete(firstOffset);
    this.#unreplicated.push(transaction);
    if (this.#firstUnreplicated === undefined || firstOffset < this.#firstUnreplicated) {
      this.#firstUnreplicated = firstOffset;
    }
    return this.#firstOpen() ?? asOffset(lastOffset + 1n);
  }

  #firstOpen(): Offset | undefined {
    return this.#open.keys().next().value;
  }

  /**
   * The first offset of a transaction that is open, or whose end may be lost yet because it is not below the high
   * watermark. Undefined when there is none.
   */
  get firstUnstableOffset(): Offset | undefined {
    const open = this.#firstOpen();
    const unreplicated = this.#firstUnreplicated;
    if (open === undefined || unreplicated === undefined) return open ?? unreplicated;
    return minOffset(open, unreplicated);
  }

  /** The high watermark rose: transactions whose marker is below it are decided for good. */
  replicated(highWatermark: Offset): void {
    const left = this.#unreplicated.findIndex(each => each.lastOffset >= highWatermark);
    if (left === 0 || this.#unreplicated.length === 0) return;
    this.#unreplicated.splice(0, left < 0 ? this.#unreplicated.length : left);
    this.#firstUnreplicated = this.#unreplicated
      .map(each => each.firstOffset)
      .reduce<Offset | undefined>(
        (first, each) => (first === undefined || each < first ? each : first),
        undefined,
      );
  }

  /** Forgets producers that have been idle for `expirationMs`, without an open transaction. */
  expire(nowMs: number, expirationMs: number): number {
    const before = this.#producers.size;
    for (const [producerId, entry] of this.#producers) {
      if (isExpired(entry, nowMs, expirationMs)) this.#producers.delete(producerId);
    }
    return before - this.#producers.size;
  }

  /** Takes over the whole of another state, which is not used any more. */
  become(other: ProducerState): void {
    this.clear(other.endOffset);
    for (const [producerId, entry] of other.#producers) this.#producers.set(producerId, entry);
    for (const [offset, producerId] of other.#open) this.#open.set(offset, producerId);
    this.#unreplicated.push(...other.#unreplicated);
    this.#firstUnreplicated = other.#firstUnreplicated;
  }

  /** Forgets everything. */
  clear(endOffset: Offset): void {
    this.#producers.clear();
    this.#open.clear();
    this.#unreplicated.length = 0;
    this.#firstUnreplicated = undefined;
    this.endOffset = endOffset;
  }

  #entry(producerId: ProducerId): ProducerEntry {
    let entry = this.#producers.get(producerId);
    if (entry === undefined) {
      entry = {
        producerId,
        epoch: NO_PRODUCER_EPOCH,
        coordinatorEpoch: NO_COORDINATOR_EPOCH,
        lastTimestamp: -1n,
        transactionFirstOffset: undefined,
        batches: [],
      };
      if (this.#producers.size >= MAX_PRODUCERS) this.#forgetLongestIdle();
      this.#producers.set(producerId, entry);
    }
    return entry;
  }

  #setEpoch(entry: ProducerEntry, epoch: ProducerEpoch): void {
    if (entry.epoch === epoch) return;
    entry.epoch = epoch;
    entry.batches = [];
  }

  #forgetLongestIdle(): void {
    const idle = [...this.#producers.values()].filter(entry => entry.transactionFirstOffset === undefined);
    idle.sort((left, right) => (left.lastTimestamp < right.lastTimestamp ? -1 : 1));
    for (const entry of idle.slice(0, Math.ceil(MAX_PRODUCERS / 10)))
      this.#producers.delete(entry.producerId);
  }
}

/** Whether the producer has been idle for so long that it is forgotten. */
export function isExpired(entry: Readonly<ProducerEntry>, nowMs: number, expirationMs: number): boolean {
  return (
    entry.transactionFirstOffset === undefined && BigInt(nowMs) - entry.lastTimestamp >= BigInt(expirationMs)
  );
}

/** The sequence of the last batch; -1 when none of the current epoch is known. */
export function lastSequenceOf(entry: Readonly<ProducerEntry>): number {
  return entry.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
}

function findDuplicate(entry: ProducerEntry, batch: RecordBatch): RememberedBatch | undefined {
  if (entry.epoch !== batch.producerEpoch) return undefined;
  const { lastSequence, lastOffsetDelta } = batch;
  return entry.batches.find(
    each => each.lastSequence === lastSequence && each.offsetDelta === lastOffsetDelta,
  );
}

function checkEpoch(entry: ProducerEntry, epoch: ProducerEpoch): Failure | undefined {
  if (epoch >= entry.epoch) return undefined;
  return new Failure(
    Errors.INVALID_PRODUCER_EPOCH,
    `Producer ${entry.producerId} sends with epoch ${epoch}; epoch ${entry.epoch} was seen before`,
  );
}

/**
 * A new epoch begins with sequence 0; within an epoch sequences follow each other and start over after the largest.
 * A producer of which nothing is known may go on anywhere, since what it wrote may be deleted by now.
 */
function checkSequence(entry: ProducerEntry, batch: RecordBatch): Failure | undefined {
  const { producerId, producerEpoch, baseSequence } = batch;
  const outOfOrder = (why: string) =>
    new Failure(
      Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `Producer ${producerId} sends a batch with the sequence number ${baseSequence} ${why}`,
    );
  if (producerEpoch !== entry.epoch) {
    if (baseSequence === 0 || entry.epoch === NO_PRODUCER_EPOCH) return undefined;
    return outOfOrder(`in the new epoch ${producerEpoch} (before: ${entry.epoch}), which must begin with 0`);
  }
  const last = lastSequenceOf(entry);
  if (baseSequence === (last === MAX_SEQUENCE ? 0 : last + 1)) return undefined;
  return outOfOrder(`after ${last}: batches between them are missing`);
}
