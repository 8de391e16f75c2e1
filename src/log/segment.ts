import { minOffset, type Offset, offsetAfter } from '../model/ids.ts';
import { type Disk, DiskError, type Logger } from '../model/ports.ts';
import { BATCH_OVERHEAD_BYTES } from '../records/record_batch.ts';
import { baseOffsetAt, lastOffsetAt, maxTimestampAt } from './batch_headers.ts';
import { scanBatches, scanHeadersNow } from './batch_scan.ts';
import { FileState, FileSuffix, segmentFileName } from './file_names.ts';
import { type IndexCache, IndexSlot } from './index_cache.ts';
import { OffsetIndex } from './offset_index.ts';
import { LogFile, type OpenFiles } from './open_files.ts';
import { type IndexedBatch, SegmentIndexes } from './segment_indexes.ts';
import { NO_TIMESTAMP, TimeIndex, type TimestampOffset } from './time_index.ts';
import { TransactionIndex } from './transaction_index.ts';

/** What the segments of a log share. */
export interface SegmentEnvironment {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexCache: IndexCache;
  readonly logger: Logger;
  /** The log's directory. */
  readonly directory: string;
  /** Bytes of the log between two entries of its indexes. */
  indexIntervalBytes(): number;
  /** Called when one of the files should be synced soon. */
  askForSync(): void;
}

/** A segment up to this size may have an offset index without entries. */
const MAX_UNINDEXED_BYTES = 16 * 1024 * 1024;

/** A file up to this size is read blocking: that costs less than a detour through the thread pool. */
const READ_NOW_BYTES = 64 * 1024;

type MaybePromise<T> = T | Promise<T>;

/** The names of a segment's files in all their kinds; the producer snapshot of its base offset is one of them. */
const SUFFIXES = Object.values(FileSuffix);

/** Where the cache keeps the indexes of a segment. */
interface IndexSlots {
  readonly offsets: IndexSlot<OffsetIndex>;
  readonly times: IndexSlot<TimeIndex>;
  readonly transactions: IndexSlot<TransactionIndex>;
}

/**
 * One stretch of a log: a file of batches with its indexes. The last segment of a log is its active one, which grows;
 * its indexes are in memory. Those of the others are read when they are needed, and rebuilt from the batches when
 * they are missing or corrupt.
 */
export class Segment {
  readonly #environment: SegmentEnvironment;
  /** No offset in the segment is below; it need not be there itself. */
  readonly baseOffset: Offset;
  readonly file: LogFile;
  /** Wall clock; decides when a segment without timestamps is rolled. */
  readonly createdMs: number;
  #state: FileState;
  #sizeBytes: number;
  /** All offsets in the segment are below. The log's end in the active segment, once the log is open. */
  endOffset: Offset;
  /** The indexes in memory: while the segment grows, and until they are on the disk. */
  #indexes: SegmentIndexes | undefined;
  #slots: IndexSlots | undefined;
  #rebuilding: Promise<SegmentIndexes> | undefined;
  /** The last entry of the time index, once it was asked for. */
  #largestTimestamp: TimestampOffset | undefined;
  /** The largest timestamp of the first batch, once it was asked for. */
  #firstTimestamp: bigint | undefined;

  constructor(
    environment: SegmentEnvironment,
    { baseOffset, endOffset, sizeBytes, createdMs, state = FileState.live }: SegmentFacts,
  ) {
    this.#environment = environment;
    this.#state = state;
    this.baseOffset = baseOffset;
    this.endOffset = endOffset;
    this.#sizeBytes = sizeBytes;
    this.createdMs = createdMs;
    this.file = new LogFile(environment.files, this.path(FileSuffix.log), () => environment.askForSync());
  }

  /**
   * Makes a new, empty segment; what is there under its names goes.
   * @throws {DiskError}
   */
  static create(
    environment: SegmentEnvironment,
    baseOffset: Offset,
    { createdMs, state = FileState.live, isFirst = false }: NewSegment,
  ): Segment {
    const facts = { baseOffset, endOffset: baseOffset, sizeBytes: 0, createdMs, state };
    const segment = new Segment(environment, facts);
    for (const suffix of SUFFIXES) {
      if (!isFirst && suffix !== FileSuffix.producerSnapshot) environment.disk.remove(segment.path(suffix));
    }
    segment.file.create();
    return segment;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get #cached(): IndexSlots {
    this.#slots ??= { offsets: new IndexSlot(), times: new IndexSlot(), transactions: new IndexSlot() };
    return this.#slots;
  }

  /** Whether the segment is not part of its log any more. Reads that are under way may end. */
  get isDeleted(): boolean {
    return this.#state === FileState.deleted;
  }

  /** Whether its indexes are in memory because it grows, or grew until just now. */
  get isGrowing(): boolean {
    return this.#indexes !== undefined;
  }

  path(suffix: FileSuffix, state = this.#state): string {
    return `${this.#environment.directory}/${segmentFileName(this.baseOffset, suffix, state)}`;
  }

  /**
   * The indexes of the segment while it grows. Read, blocking, when they are not in memory: they were found good
   * when the log was opened.
   * @throws {DiskError}
   */
  get growing(): SegmentIndexes {
    // Whatever index files an empty segment has, they are of another life.
    this.#indexes ??= this.#sizeBytes === 0 ? SegmentIndexes.empty(this.baseOffset) : this.#readIndexesNow();
    return this.#indexes;
  }

  /** The indexes as their files have them; undefined when one is missing or corrupt. @throws {DiskError} */
  readIndexes(): SegmentIndexes | undefined {
    const { disk } = this.#environment;
    if (!disk.exists(this.path(FileSuffix.offsetIndex)) || !disk.exists(this.path(FileSuffix.timeIndex))) {
      return undefined;
    }
    const indexes = this.#parseIndexes(this.endOffset);
    return typeof indexes === 'string' ? undefined : indexes;
  }

  /** What is wrong with the transaction index, if there is one and it is corrupt. @throws {DiskError} */
  transactionIndexProblem(): string | undefined {
    const content = this.#contentNow(FileSuffix.transactionIndex);
    const index = TransactionIndex.parse(this.baseOffset, content);
    return typeof index === 'string' ? index : undefined;
  }

  #readIndexesNow(): SegmentIndexes {
    const indexes = this.#parseIndexes(this.endOffset);
    if (typeof indexes === 'string') throw corruptIndex(this.path(FileSuffix.log), indexes);
    return indexes;
  }

  #parseIndexes(endOffset: Offset): SegmentIndexes | string {
    const offsets = OffsetIndex.parse(
      this.baseOffset,
      this.#contentNow(FileSuffix.offsetIndex),
      this.#sizeBytes,
    );
    const times = TimeIndex.parse(this.baseOffset, this.#contentNow(FileSuffix.timeIndex), endOffset);
    const transactions = TransactionIndex.parse(
      this.baseOffset,
      this.#contentNow(FileSuffix.transactionIndex),
    );
    if (typeof offsets === 'string' || typeof times === 'string' || typeof transactions === 'string') {
      return [offsets, times, transactions].filter(each => typeof each === 'string').join('; ');
    }
    return new SegmentIndexes(offsets, times, transactions, {
      bytesSinceEntry: this.#sizeBytes - offsets.lastPosition,
      persisted: true,
    });
  }

  #contentNow(suffix: FileSuffix): Buffer {
    const { disk } = this.#environment;
    const path = this.path(suffix);
    if (!disk.exists(path)) return Buffer.alloc(0);
    const file = disk.open(path, 'read');
    try {
      return file.readNow(0, file.sizeBytes);
    } finally {
      file.close();
    }
  }

  /**
   * Takes indexes that were made while the segment was checked, and where it was found to end. It counts as unsynced:
   * the process that wrote it may not have come to that.
   */
  recovered(indexes: SegmentIndexes, endOffset: Offset): void {
    this.#indexes = indexes;
    this.#largestTimestamp = undefined;
    this.endOffset = endOffset;
    this.#dropSlots();
    this.file.markUnsynced();
  }

  /** Cuts what is no batch off the end of the file; not durable yet. @throws {DiskError} */
  cut(position: number): void {
    this.file.truncate(position);
    this.#sizeBytes = position;
  }

  /**
   * Writes batches to the end of the file, in one write. @param batches what is in `chunk`, positions from 0 there
   * @throws {DiskError}
   */
  append(chunk: Buffer, batches: readonly IndexedBatch[]): void {
    const indexes = this.growing;
    const position = this.#sizeBytes;
    this.file.write(position, [chunk]);
    this.#sizeBytes += chunk.length;
    const interval = this.#environment.indexIntervalBytes();
    if (position === 0) this.#firstTimestamp = batches[0]?.maxTimestamp;
    for (const batch of batches) {
      indexes.add({ ...batch, position: position + batch.position }, interval);
      this.endOffset = offsetAfter(batch.lastOffset, 1);
    }
  }

  /** The segment grows no more. Its indexes stay in memory until {@link persistIndexes} is done. */
  complete(): void {
    this.growing.complete();
    this.#largestTimestamp = this.growing.largestTimestamp;
  }

  /** Brings the index files up to date, durably but for the directory. @throws {DiskError} */
  async persistIndexes(): Promise<void> {
    await this.#indexes?.persist(this.#environment.disk, suffix => this.path(suffix));
  }

  /** Lets the memory of the indexes go, which are on the disk: the cache may keep them. */
  releaseIndexes(): void {
    const indexes = this.#indexes;
    if (indexes === undefined) return;
    this.#indexes = undefined;
    this.#keep(indexes);
  }

  #keep({ offsets, times, transactions }: SegmentIndexes): void {
    const { indexCache } = this.#environment;
    indexCache.put(this.#cached.offsets, offsets, 64 + offsets.memoryBytes);
    indexCache.put(this.#cached.times, times, 64 + times.memoryBytes);
    indexCache.put(this.#cached.transactions, transactions, 64 + transactions.memoryBytes);
  }

  /** @throws {DiskError} */
  offsetIndex(): MaybePromise<OffsetIndex> {
    if (this.#indexes !== undefined) return this.#indexes.offsets;
    if (this.#sizeBytes === 0) return new OffsetIndex(this.baseOffset);
    return (
      this.#environment.indexCache.get(this.#cached.offsets) ??
      this.#load(this.#cached.offsets, FileSuffix.offsetIndex, content => {
        const index = OffsetIndex.parse(this.baseOffset, content, this.#sizeBytes);
        return typeof index !== 'string' && index.count === 0 && this.#needsOffsetIndex
          ? 'it is empty'
          : index;
      }).then(index => index ?? this.rebuildIndexes().then(({ offsets }) => offsets))
    );
  }

  /** Whether the segment is so large that an offset index without entries can't be right. */
  get #needsOffsetIndex(): boolean {
    return this.#sizeBytes > Math.max(MAX_UNINDEXED_BYTES, 2 * this.#environment.indexIntervalBytes());
  }

  get #hasTimestamps(): boolean {
    return (this.firstTimestamp ?? NO_TIMESTAMP) > NO_TIMESTAMP;
  }

  /** @throws {DiskError} */
  timeIndex(): MaybePromise<TimeIndex> {
    if (this.#indexes !== undefined) return this.#indexes.times;
    if (this.#sizeBytes === 0) return new TimeIndex(this.baseOffset);
    return (
      this.#environment.indexCache.get(this.#cached.times) ??
      this.#load(this.#cached.times, FileSuffix.timeIndex, content => {
        const index = TimeIndex.parse(this.baseOffset, content, this.endOffset);
        return typeof index !== 'string' && index.count === 0 && this.#hasTimestamps ? 'it is empty' : index;
      }).then(index => index ?? this.rebuildIndexes().then(({ times }) => times))
    );
  }

  /** @throws {DiskError} */
  transactionIndex(): MaybePromise<TransactionIndex> {
    if (this.#indexes !== undefined) return this.#indexes.transactions;
    const cached = this.#environment.indexCache.get(this.#cached.transactions);
    if (cached !== undefined) return cached;
    const { disk, indexCache } = this.#environment;
    if (!disk.exists(this.path(FileSuffix.transactionIndex))) {
      const none = new TransactionIndex();
      indexCache.put(this.#cached.transactions, none, 64);
      return none;
    }
    return this.#load(this.#cached.transactions, FileSuffix.transactionIndex, content =>
      TransactionIndex.parse(this.baseOffset, content),
    ).then(index => {
      // It was found good when the log was opened; only recovery can rebuild it.
      if (index === undefined)
        throw corruptIndex(this.path(FileSuffix.transactionIndex), 'an aborted transaction');
      return index;
    });
  }

  /** Reads an index file; undefined, and a log line, when it is missing or corrupt. */
  async #load<Index extends { readonly memoryBytes: number }>(
    slot: IndexSlot<Index>,
    suffix: FileSuffix,
    parse: (content: Buffer) => Index | string,
  ): Promise<Index | undefined> {
    const { disk, indexCache, logger } = this.#environment;
    const path = this.path(suffix);
    let problem = 'it is missing';
    if (disk.exists(path)) {
      const file = disk.open(path, 'read');
      try {
        const { sizeBytes } = file;
        const content =
          sizeBytes <= READ_NOW_BYTES ? file.readNow(0, sizeBytes) : await file.read(0, sizeBytes);
        const index = parse(content);
        if (typeof index !== 'string') {
          indexCache.put(slot, index, 64 + index.memoryBytes);
          return index;
        }
        problem = index;
      } finally {
        file.close();
      }
    }
    logger.warn('an index can not be used', { path, problem });
    return undefined;
  }

  /** Rebuilds the offset and the time index from the batches. @throws {DiskError} */
  rebuildIndexes(): Promise<SegmentIndexes> {
    this.#rebuilding ??= this.#rebuild().finally(() => {
      this.#rebuilding = undefined;
    });
    return this.#rebuilding;
  }

  async #rebuild(): Promise<SegmentIndexes> {
    const { disk, logger } = this.#environment;
    const transactions = await this.transactionIndex();
    const indexes = new SegmentIndexes(
      new OffsetIndex(this.baseOffset),
      new TimeIndex(this.baseOffset),
      transactions,
    );
    const interval = this.#environment.indexIntervalBytes();
    const sizeBytes = this.#sizeBytes;
    const { problem, endPosition } = await scanBatches(
      this.file,
      { from: 0, to: sizeBytes, minOffset: this.baseOffset, endOffset: this.endOffset },
      { verify: false },
      ({ batch, position, sizeBytes }) => {
        const { lastOffset, maxTimestamp } = batch;
        indexes.add({ lastOffset, maxTimestamp, position, sizeBytes }, interval);
      },
    );
    indexes.complete();
    if (problem !== undefined) {
      logger.error('the log is corrupt below its recovery point', {
        path: this.file.path,
        position: endPosition,
        problem,
      });
    }
    if (!this.isDeleted) await indexes.persist(disk, suffix => this.path(suffix));
    this.#keep(indexes);
    this.#largestTimestamp = indexes.largestTimestamp;
    logger.info('indexes were rebuilt', { path: this.file.path, bytes: sizeBytes });
    return indexes;
  }

  /** The largest timestamp and the last offset of the first batch that has it; -1 where no record has one. */
  largestTimestamp(): MaybePromise<TimestampOffset> {
    if (this.#indexes !== undefined) return this.#indexes.largestTimestamp;
    if (this.#largestTimestamp !== undefined) return this.#largestTimestamp;
    const index = this.timeIndex();
    const keep = ({ last }: TimeIndex): TimestampOffset => {
      this.#largestTimestamp = last;
      return last;
    };
    return index instanceof Promise ? index.then(keep) : keep(index);
  }

  /** The largest timestamp of the first batch; undefined in an empty segment. @throws {DiskError} */
  get firstTimestamp(): bigint | undefined {
    if (this.#sizeBytes === 0) return undefined;
    if (this.#firstTimestamp === undefined) {
      const header = this.file.readNow(0, BATCH_OVERHEAD_BYTES);
      this.#firstTimestamp = header.length < BATCH_OVERHEAD_BYTES ? NO_TIMESTAMP : maxTimestampAt(header, 0);
    }
    return this.#firstTimestamp;
  }

  /**
   * Cuts the segment before the batch that contains `offset`, so that it is the growing one, and ends at `offset` or
   * where that batch began; not durable yet.
   * @throws {DiskError}
   */
  async truncateTo(offset: Offset): Promise<void> {
    const indexes = this.#indexes ?? (await this.#loadAll());
    this.#indexes = indexes;
    this.#dropSlots();
    let endOffset = offset;
    const range = {
      from: indexes.offsets.lookup(offset),
      to: this.#sizeBytes,
      minOffset: this.baseOffset,
      endOffset: this.endOffset,
    };
    const { endPosition } = scanHeadersNow(this.file, range, (chunk, at) => {
      if (lastOffsetAt(chunk, at) < offset) return true;
      endOffset = minOffset(offset, baseOffsetAt(chunk, at));
      return false;
    });
    this.file.truncate(endPosition);
    this.#sizeBytes = endPosition;
    this.endOffset = endOffset;
    this.#largestTimestamp = undefined;
    if (endPosition === 0) this.#firstTimestamp = undefined;
    indexes.truncateTo(endOffset, (from, before) => this.#largestFrom(from, before));
  }

  async #loadAll(): Promise<SegmentIndexes> {
    return new SegmentIndexes(
      await this.offsetIndex(),
      await this.timeIndex(),
      await this.transactionIndex(),
      { persisted: true },
    );
  }

  #largestFrom(from: number, before: TimestampOffset): TimestampOffset {
    let largest = before;
    const range = { from, to: this.#sizeBytes, minOffset: this.baseOffset, endOffset: this.endOffset };
    scanHeadersNow(this.file, range, (chunk, at) => {
      const timestamp = maxTimestampAt(chunk, at);
      if (timestamp > largest.timestamp) largest = { timestamp, offset: lastOffsetAt(chunk, at) };
      return true;
    });
    return largest;
  }

  #dropSlots(): void {
    if (this.#slots === undefined) return;
    const { offsets, times, transactions } = this.#slots;
    for (const slot of [offsets, times, transactions]) this.#environment.indexCache.drop(slot);
  }

  /** Renames the segment's files, so that they are in another state. @throws {DiskError} */
  rename(to: FileState, { keepSnapshot = false } = {}): void {
    const { disk } = this.#environment;
    for (const suffix of SUFFIXES) {
      if (keepSnapshot && suffix === FileSuffix.producerSnapshot) continue;
      const path = this.path(suffix);
      if (disk.exists(path)) disk.rename(path, this.path(suffix, to));
    }
    this.#state = to;
    this.file.renamed(this.path(FileSuffix.log));
  }

  /** Closes the file, once the operations on it have ended, and lets the memory go. */
  close(): void {
    this.file.abandon();
    this.#dropSlots();
    this.#indexes = undefined;
  }

  /** Removes the segment's files. @throws {DiskError} */
  remove(): void {
    this.close();
    for (const suffix of SUFFIXES) this.#environment.disk.remove(this.path(suffix));
  }
}

export interface NewSegment {
  readonly createdMs: number;
  /** `cleaned` for a compaction's; live without it. */
  readonly state?: FileState;
  /** Whether it is the first file in its directory. */
  readonly isFirst?: boolean;
}

export interface SegmentFacts {
  readonly baseOffset: Offset;
  readonly endOffset: Offset;
  readonly sizeBytes: number;
  readonly createdMs: number;
  /** Live without it. */
  readonly state?: FileState;
}

/** An index that was good when the log was opened is so no more: the disk is not to be trusted. */
function corruptIndex(path: string, problem: string): DiskError {
  return new DiskError('EIO', path, `An index of ${path} became corrupt while the log was open: ${problem}`);
}
