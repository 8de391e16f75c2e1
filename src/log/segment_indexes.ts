import type { Offset } from '../model/ids.ts';
import type { Disk } from '../model/ports.ts';
import { FileSuffix } from './file_names.ts';
import { MAX_RELATIVE_OFFSET, OFFSET_INDEX_ENTRY_BYTES, OffsetIndex } from './offset_index.ts';
import { NO_TIMESTAMP, TIME_INDEX_ENTRY_BYTES, TimeIndex, type TimestampOffset } from './time_index.ts';
import {
  type AbortedTransaction,
  TRANSACTION_INDEX_ENTRY_BYTES,
  TransactionIndex,
} from './transaction_index.ts';

/** What the indexes need to know of a batch. */
export interface IndexedBatch {
  readonly lastOffset: Offset;
  readonly maxTimestamp: bigint;
  /** Where it starts in the segment's file. */
  readonly position: number;
  readonly sizeBytes: number;
}

/** One of the index files of a segment: what of it is on the disk already. */
interface IndexFile {
  readonly suffix: FileSuffix;
  readonly entryBytes: number;
  readonly index: { readonly count: number; content(from?: number): Buffer };
  /** Entries that the file holds as they are here; what is behind them is not to be trusted. */
  persisted: number;
  /** Whether the file must be written even without new entries: it is not there, or has others behind these. */
  isStale: boolean;
}

/**
 * The three indexes of a segment that grows, in memory. Nothing is written for a batch: {@link persist} brings the
 * files up to date, and after a crash what is missing is rebuilt from the log.
 */
export class SegmentIndexes {
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
  readonly transactions: TransactionIndex;
  /** The largest timestamp of the segment, and the last offset of the first batch that has it. */
  #largest: TimestampOffset;
  /** Bytes of the log since the last entry. */
  #bytesSinceEntry: number;
  readonly #files: readonly IndexFile[];

  /** @param persisted whether the indexes were read from their files, and say all that those do */
  constructor(
    offsets: OffsetIndex,
    times: TimeIndex,
    transactions: TransactionIndex,
    { bytesSinceEntry = 0, persisted = false } = {},
  ) {
    this.offsets = offsets;
    this.times = times;
    this.transactions = transactions;
    this.#largest = times.last;
    this.#bytesSinceEntry = bytesSinceEntry;
    const file = (suffix: FileSuffix, entryBytes: number, index: IndexFile['index']): IndexFile => ({
      suffix,
      entryBytes,
      index,
      persisted: persisted ? index.count : 0,
      isStale: !persisted,
    });
    this.#files = [
      file(FileSuffix.offsetIndex, OFFSET_INDEX_ENTRY_BYTES, offsets),
      file(FileSuffix.timeIndex, TIME_INDEX_ENTRY_BYTES, times),
      file(FileSuffix.transactionIndex, TRANSACTION_INDEX_ENTRY_BYTES, transactions),
    ];
  }

  static empty(baseOffset: Offset): SegmentIndexes {
    return new SegmentIndexes(new OffsetIndex(baseOffset), new TimeIndex(baseOffset), new TransactionIndex());
  }

  get largestTimestamp(): TimestampOffset {
    return this.#largest;
  }

  get memoryBytes(): number {
    return this.offsets.memoryBytes + this.times.memoryBytes + this.transactions.memoryBytes;
  }

  /** Whether an index has no room for so many more entries within `segment.index.bytes`. */
  isFull(maxBytes: number, entries: number): boolean {
    return (
      (this.offsets.count + entries) * OFFSET_INDEX_ENTRY_BYTES > maxBytes ||
      // The last place is kept for the entry that is made when the segment is closed.
      (this.times.count + entries + 1) * TIME_INDEX_ENTRY_BYTES > maxBytes
    );
  }

  /** Whether the indexes can hold the offset: it is near enough to the segment's base. */
  canHold(offset: Offset): boolean {
    return offset - this.offsets.baseOffset <= BigInt(MAX_RELATIVE_OFFSET);
  }

  /** Notes a batch at the segment's end: an entry in the indexes every `intervalBytes`. */
  add(batch: IndexedBatch, intervalBytes: number): void {
    if (batch.maxTimestamp > this.#largest.timestamp) {
      this.#largest = { timestamp: batch.maxTimestamp, offset: batch.lastOffset };
    }
    if (this.#bytesSinceEntry > intervalBytes) {
      this.offsets.append(batch.lastOffset, batch.position);
      this.times.append(this.#largest);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += batch.sizeBytes;
  }

  addTransaction(transaction: AbortedTransaction): void {
    this.transactions.append(transaction);
  }

  /** Notes the largest timestamp in the time index, whatever the interval: before the segment is closed. */
  complete(): void {
    if (this.#largest.timestamp > NO_TIMESTAMP) this.times.append(this.#largest);
  }

  /**
   * Drops what belongs to `offset` and later ones.
   * @param largestFrom finds the largest timestamp from a position on, given that of what is before
   */
  truncateTo(
    offset: Offset,
    largestFrom: (position: number, before: TimestampOffset) => TimestampOffset,
  ): void {
    this.offsets.truncateTo(offset);
    this.times.truncateTo(offset);
    this.transactions.truncateTo(offset);
    this.#largest = largestFrom(this.offsets.lookup(this.times.last.offset), this.times.last);
    this.#bytesSinceEntry = 0;
    for (const file of this.#files) {
      if (file.index.count >= file.persisted) continue;
      file.persisted = file.index.count;
      file.isStale = true;
    }
  }

  /**
   * Brings the files up to date and makes them durable, except for their names in the directory. The transaction
   * index has a file only if there is something in it.
   * @throws {DiskError}
   */
  async persist(disk: Disk, pathOf: (suffix: FileSuffix) => string): Promise<void> {
    for (const file of this.#files) {
      if (!file.isStale && file.index.count === file.persisted) continue;
      const path = pathOf(file.suffix);
      if (file.suffix === FileSuffix.transactionIndex && file.index.count === 0) {
        disk.remove(path);
        file.isStale = false;
        continue;
      }
      await writeEntries(disk, path, file);
    }
  }
}

async function writeEntries(disk: Disk, path: string, file: IndexFile): Promise<void> {
  const { count } = file.index;
  const handle = disk.open(path, 'create');
  try {
    // Entries that were written before are kept, unless somebody made the file shorter.
    const kept = handle.sizeBytes >= file.persisted * file.entryBytes ? file.persisted : 0;
    const position = kept * file.entryBytes;
    if (handle.sizeBytes > position) handle.truncate(position);
    if (count > kept) handle.write(position, [file.index.content(kept)]);
    file.isStale = false;
    file.persisted = count;
    await handle.sync();
  } finally {
    handle.close();
  }
}
