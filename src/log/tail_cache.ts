import { asOffset, type Offset } from '../model/ids.ts';
import { baseOffsetAt, batchSizeAt, lastOffsetAt } from './batch_headers.ts';

/** Memory for the ends of all logs of a broker, unless told otherwise. */
export const DEFAULT_TAIL_CACHE_BYTES = 32 * 1024 * 1024;
/** Batches below this size are copied together; larger ones are kept by reference. */
const COPY_BELOW_BYTES = 16 * 1024;
/** A batch is kept by reference only if it is at least this share of the memory that it keeps alive. */
const MAX_PINNED_SHARE = 8;
const MIN_RUN_BYTES = 1024;
const MAX_RUN_BYTES = 64 * 1024;
/** What a run costs besides its bytes, about. */
const RUN_OVERHEAD_BYTES = 256;
/** A run is searched from a mark on, of which there is one in so many bytes: most readers want its end. */
const MARK_EVERY_BYTES = 1024;

/** Where in a run the batches of an append begin. */
interface Mark {
  readonly offset: Offset;
  readonly position: number;
}

/** Batches that lie one after the other in one buffer, in the order of the log. */
interface Run {
  readonly tail: LogTail;
  readonly baseOffset: Offset;
  readonly buffer: Buffer;
  /** The offset behind the last batch. */
  nextOffset: Offset;
  /** The bytes of the buffer that hold batches; those are never written again. */
  lengthBytes: number;
  /** In their order, at least {@link MARK_EVERY_BYTES} apart; all below {@link lengthBytes}. */
  readonly marks: Mark[];
  /** Whether batches may be copied behind the others. */
  open: boolean;
  older: Run | undefined;
  newer: Run | undefined;
}

/** What a read of batches gives: views of the memory that holds them. */
export interface BatchChunks {
  /** Whole batches, some to a chunk, in the order of the log. */
  readonly chunks: readonly Buffer[];
  readonly sizeBytes: number;
  /** The offset behind the last batch; where the read began if there is none. */
  readonly nextOffset: Offset;
}

/** How much to read. */
export interface ReadBounds {
  readonly maxBytes: number;
  /** Batches that end at or after this offset are left out. */
  readonly upTo: Offset;
  /** Whether the first batch is given even if it alone is larger than `maxBytes`. */
  readonly minOneBatch: boolean;
}

/**
 * The batches that were appended last, of all logs of a broker together, so that readers at the end of a log need no
 * disk. Bounded in bytes: the longest cached go first. Small batches are copied together; large ones are kept by
 * reference, and the whole memory that a reference keeps alive is counted, once, so what the cache keeps from being
 * freed is below the limit too (by at most one append above).
 */
export class TailCache {
  readonly #limitBytes: number;
  #sizeBytes = 0;
  #oldest: Run | undefined;
  #newest: Run | undefined;
  /** How many runs refer to memory that is not the cache's own. */
  readonly #references = new Map<ArrayBufferLike, number>();

  /** @param limitBytes 0 for no cache at all */
  constructor(limitBytes = DEFAULT_TAIL_CACHE_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** The memory that the cache keeps alive. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** For {@link LogTail} alone. */
  add(tail: LogTail, buffer: Buffer, lengthBytes: number, baseOffset: Offset, nextOffset: Offset): Run {
    const open = lengthBytes < buffer.length;
    const run: Run = {
      tail,
      baseOffset,
      buffer,
      nextOffset,
      lengthBytes,
      marks: [],
      open,
      older: this.#newest,
      newer: undefined,
    };
    if (this.#newest === undefined) this.#oldest = run;
    else this.#newest.newer = run;
    this.#newest = run;
    const references = this.#references.get(buffer.buffer) ?? 0;
    this.#references.set(buffer.buffer, references + 1);
    this.#sizeBytes += RUN_OVERHEAD_BYTES + (references === 0 ? buffer.buffer.byteLength : 0);
    return run;
  }

  /** For {@link LogTail} alone: forgets a run. */
  remove(run: Run): void {
    if (run.older === undefined) this.#oldest = run.newer;
    else run.older.newer = run.newer;
    if (run.newer === undefined) this.#newest = run.older;
    else run.newer.older = run.older;
    const memory = run.buffer.buffer;
    const references = this.#references.get(memory)! - 1;
    this.#sizeBytes -= RUN_OVERHEAD_BYTES;
    if (references > 0) this.#references.set(memory, references);
    else {
      this.#references.delete(memory);
      this.#sizeBytes -= memory.byteLength;
    }
  }

  /** For {@link LogTail} alone: drops the longest cached runs of whatever log until the limit holds. */
  shrink(): void {
    while (this.#sizeBytes > this.#limitBytes && this.#oldest !== undefined) {
      this.#oldest.tail.dropFirst();
    }
  }
}

/** The end of one log in the {@link TailCache}: without gap up to the log's end. */
export class LogTail {
  readonly #cache: TailCache;
  /** In the order of the log. */
  #runs: Run[] = [];

  constructor(cache: TailCache) {
    this.#cache = cache;
  }

  /** The first offset that is here; undefined when nothing is. */
  get startOffset(): Offset | undefined {
    return this.#runs[0]?.baseOffset;
  }

  /**
   * Adds what was appended to the log: whole batches from `baseOffset` to `nextOffset`. Large ones are kept by
   * reference: their bytes must not change any more.
   */
  append(batches: Buffer, baseOffset: Offset, nextOffset: Offset): void {
    if (this.#cache.limitBytes === 0) return;
    const pinnedBytes = batches.buffer.byteLength;
    if (batches.length >= COPY_BELOW_BYTES && batches.length * MAX_PINNED_SHARE >= pinnedBytes) {
      this.#runs.push(this.#cache.add(this, batches, batches.length, baseOffset, nextOffset));
    } else {
      this.#copy(batches, baseOffset, nextOffset);
    }
    this.#cache.shrink();
  }

  #copy(batches: Buffer, baseOffset: Offset, nextOffset: Offset): void {
    const last = this.#runs.at(-1);
    if (last?.open && last.buffer.length - last.lengthBytes >= batches.length) {
      batches.copy(last.buffer, last.lengthBytes);
      if (last.lengthBytes - (last.marks.at(-1)?.position ?? 0) >= MARK_EVERY_BYTES) {
        last.marks.push({ offset: baseOffset, position: last.lengthBytes });
      }
      last.lengthBytes += batches.length;
      last.nextOffset = nextOffset;
      return;
    }
    // Runs of a busy log are larger than those of one that sees a batch now and then.
    const wanted = Math.min(MAX_RUN_BYTES, 2 * (last?.buffer.length ?? MIN_RUN_BYTES / 2));
    const buffer = Buffer.allocUnsafeSlow(Math.max(batches.length, wanted));
    batches.copy(buffer);
    if (last !== undefined) last.open = false;
    this.#runs.push(this.#cache.add(this, buffer, batches.length, baseOffset, nextOffset));
  }

  /** Batches from the one on that contains `startOffset` (or the next); undefined when that one is not here. */
  read(startOffset: Offset, bounds: ReadBounds): BatchChunks | undefined {
    const start = this.startOffset;
    if (start === undefined || startOffset < start) return undefined;
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let nextOffset = startOffset;
    for (let index = this.#find(startOffset); index < this.#runs.length; index++) {
      const run = this.#runs[index]!;
      const from = chunks.length === 0 ? findBatch(run, startOffset) : 0;
      const roomBytes = bounds.maxBytes - sizeBytes;
      const isFirst = sizeBytes === 0;
      let to = run.lengthBytes;
      if (to - from > roomBytes || run.nextOffset > bounds.upTo) {
        to = fitting(run.buffer, from, to, {
          ...bounds,
          maxBytes: roomBytes,
          minOneBatch: isFirst && bounds.minOneBatch,
        });
      }
      if (to === from) break;
      chunks.push(run.buffer.subarray(from, to));
      sizeBytes += to - from;
      if (to < run.lengthBytes) {
        nextOffset = baseOffsetAt(run.buffer, to);
        break;
      }
      nextOffset = run.nextOffset;
    }
    return { chunks, sizeBytes, nextOffset };
  }

  /** The first run that ends behind `offset`; the number of runs when none does. */
  #find(offset: Offset): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.nextOffset > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Forgets the batches that contain `offset` or follow it: the log was truncated there. */
  truncateTo(offset: Offset): void {
    while (this.#runs.length > 0 && this.#runs.at(-1)!.baseOffset >= offset)
      this.#cache.remove(this.#runs.pop()!);
    const last = this.#runs.at(-1);
    if (last === undefined || last.nextOffset <= offset) return;
    // Readers may still hold the bytes behind the cut: nothing is written there again.
    const position = findBatch(last, offset);
    if (position === 0) {
      this.#cache.remove(this.#runs.pop()!);
      return;
    }
    last.nextOffset = asOffset(baseOffsetAt(last.buffer, position));
    last.lengthBytes = position;
    while (last.marks.length > 0 && last.marks.at(-1)!.position >= position) last.marks.pop();
    last.open = false;
  }

  clear(): void {
    for (const run of this.#runs) this.#cache.remove(run);
    this.#runs = [];
  }

  /** For {@link TailCache} alone: forgets the first run. */
  dropFirst(): void {
    this.#cache.remove(this.#runs.shift()!);
  }
}

/** The position of the first batch that ends at `offset` or later; `lengthBytes` when there is none. */
function findBatch({ buffer, lengthBytes, marks }: Run, offset: Offset): number {
  let index = marks.length - 1;
  while (index >= 0 && marks[index]!.offset > offset) index--;
  let at = marks[index]?.position ?? 0;
  while (at < lengthBytes && lastOffsetAt(buffer, at) < offset) at += batchSizeAt(buffer, at);
  return at;
}

/** Where the last batch ends that lies within the bounds; `from` when none does. All batches are there whole. */
function fitting(buffer: Buffer, from: number, to: number, bounds: ReadBounds): number {
  let at = from;
  while (at < to) {
    const end = at + batchSizeAt(buffer, at);
    if (end - from > bounds.maxBytes && !(at === from && bounds.minOneBatch)) break;
    if (lastOffsetAt(buffer, at) >= bounds.upTo) break;
    at = end;
  }
  return at;
}
