import { asOffset, asProducerId, type Offset, type ProducerId } from '../model/ids.ts';

/*
 * `.txnindex`: the aborted transactions whose marker is in the segment, in the order of the markers. Entries of 34
 * bytes: int16 version, int64 producer id, first offset, last offset (the marker's), last stable offset at the abort.
 * There is no file in a segment without any.
 */

export const TRANSACTION_INDEX_ENTRY_BYTES = 34;
const VERSION = 0;

export interface AbortedTransaction {
  readonly producerId: ProducerId;
  readonly firstOffset: Offset;
  /** The offset of the marker that aborted it. */
  readonly lastOffset: Offset;
  /** Up to where all was decided once the marker was written. */
  readonly lastStableOffset: Offset;
}

export class TransactionIndex {
  readonly #transactions: AbortedTransaction[];

  constructor(transactions: AbortedTransaction[] = []) {
    this.#transactions = transactions;
  }

  /** @returns what is wrong with the content of an index file when it is corrupt */
  static parse(baseOffset: Offset, content: Buffer): TransactionIndex | string {
    if (content.length % TRANSACTION_INDEX_ENTRY_BYTES !== 0) {
      return `its size of ${content.length} bytes is no multiple of ${TRANSACTION_INDEX_ENTRY_BYTES}`;
    }
    const transactions: AbortedTransaction[] = [];
    let last = baseOffset - 1n;
    for (let at = 0; at < content.length; at += TRANSACTION_INDEX_ENTRY_BYTES) {
      const version = content.readInt16BE(at);
      if (version !== VERSION) return `an entry has version ${version}`;
      const entry: AbortedTransaction = {
        producerId: asProducerId(content.readBigInt64BE(at + 2)),
        firstOffset: asOffset(content.readBigInt64BE(at + 10)),
        lastOffset: asOffset(content.readBigInt64BE(at + 18)),
        lastStableOffset: asOffset(content.readBigInt64BE(at + 26)),
      };
      if (entry.lastOffset <= last || entry.firstOffset > entry.lastOffset) {
        return `the transaction ${entry.firstOffset} to ${entry.lastOffset} does not follow offset ${last}`;
      }
      last = entry.lastOffset;
      transactions.push(entry);
    }
    return new TransactionIndex(transactions);
  }

  get transactions(): readonly AbortedTransaction[] {
    return this.#transactions;
  }

  get count(): number {
    return this.#transactions.length;
  }

  get memoryBytes(): number {
    return this.#transactions.length * 128;
  }

  append(transaction: AbortedTransaction): void {
    this.#transactions.push(transaction);
  }

  /** Drops the transactions whose marker is at `offset` or later. */
  truncateTo(offset: Offset): void {
    while (this.#transactions.length > 0 && this.#transactions.at(-1)!.lastOffset >= offset) {
      this.#transactions.pop();
    }
  }

  /**
   * Adds to `found` the transactions with records in the range, whose end is exclusive.
   * @returns whether later segments can't hold more of them
   */
  collect(startOffset: Offset, endOffset: Offset, found: AbortedTransaction[]): boolean {
    for (const transaction of this.#transactions) {
      if (transaction.lastOffset >= startOffset && transaction.firstOffset < endOffset)
        found.push(transaction);
      if (transaction.lastStableOffset >= endOffset) return true;
    }
    return false;
  }

  /** The content of the file from the entry `from` on. */
  content(from = 0): Buffer {
    const content = Buffer.alloc((this.#transactions.length - from) * TRANSACTION_INDEX_ENTRY_BYTES);
    let at = 0;
    for (const { producerId, firstOffset, lastOffset, lastStableOffset } of this.#transactions.slice(from)) {
      content.writeInt16BE(VERSION, at);
      content.writeBigInt64BE(producerId, at + 2);
      content.writeBigInt64BE(firstOffset, at + 10);
      content.writeBigInt64BE(lastOffset, at + 18);
      content.writeBigInt64BE(lastStableOffset, at + 26);
      at += TRANSACTION_INDEX_ENTRY_BYTES;
    }
    return content;
  }
}
