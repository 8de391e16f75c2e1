import { asOffset, type Offset } from '../model/ids.ts';
import { crc32c } from '../records/crc32c.ts';
import { BATCH_OVERHEAD_BYTES, CRC_START, RecordBatch } from '../records/record_batch.ts';
import { baseOffsetAt, batchSizeAt, isPlausibleHeaderAt, lastOffsetAt } from './batch_headers.ts';
import type { LogFile } from './open_files.ts';

/** Bytes of one read of a scan; the next one runs while they are looked at. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** A batch that lies in several chunks is put together up to this size; of a larger one only the header is kept. */
const MAX_JOINED_BYTES = 16 * 1024 * 1024;
/** Bytes of one read where headers alone are wanted. */
const HEADER_CHUNK_BYTES = 16 * 1024;

/** A batch that a scan came to. */
export interface ScannedBatch {
  /** The batch; its header alone when it is larger than what a scan puts together. Valid during the call. */
  readonly batch: RecordBatch;
  /** Where it starts in the file. */
  readonly position: number;
  readonly sizeBytes: number;
}

export interface ScanRange {
  readonly from: number;
  readonly to: number;
  /** No batch may begin below this offset. */
  readonly minOffset: Offset;
  /** No batch may end here or behind: offsets are not under the checksum. */
  readonly endOffset: Offset;
}

export interface ScanResult {
  /** Where the last good batch ends. */
  readonly endPosition: number;
  /** The offset behind the last good batch; the range's smallest without any. */
  readonly nextOffset: Offset;
  /** Why the scan ended before the end of its range. */
  readonly problem: string | undefined;
}

export interface ScanOptions {
  /** Whether checksums are verified. */
  readonly verify: boolean;
  /** Called now and then with the bytes that were read since the last call. */
  readonly progress?: (bytes: number) => void;
}

/**
 * Goes through the batches of a file in large reads, and ends at the first bytes that are no batch: a wrong length,
 * format or checksum, an offset that does not rise, a batch that is cut off.
 * @throws {DiskError}
 */
export async function scanBatches(
  file: LogFile,
  range: ScanRange,
  options: ScanOptions,
  visit: (scanned: ScannedBatch) => void,
): Promise<ScanResult> {
  const scanner = new BatchScanner(range, options.verify, visit);
  let position = range.from;
  const readAhead = (): Promise<Buffer> | undefined => {
    if (position >= range.to) return undefined;
    const length = Math.min(CHUNK_BYTES, range.to - position);
    position += length;
    return file.read(position - length, length);
  };
  let reading = readAhead();
  while (reading !== undefined) {
    const chunk = await reading;
    reading = readAhead();
    scanner.feed(chunk);
    options.progress?.(chunk.length);
    if (scanner.problem !== undefined || chunk.length === 0) break;
  }
  // A read that was begun in advance must not outlive the scan.
  await reading;
  return scanner.finish();
}

/** Takes a file's bytes in pieces of any size and finds the batches in them. */
class BatchScanner {
  readonly #range: ScanRange;
  readonly #verify: boolean;
  readonly #visit: (scanned: ScannedBatch) => void;
  #position: number;
  #nextOffset: Offset;
  problem: string | undefined;
  /** The begun batch that goes on in the next chunk: its bytes so far, or its header when it is too large. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  /** Its size, once its header is there. */
  #begunSize: number | undefined;
  /** The checksum of its bytes so far, when they are not kept. */
  #begunCrc: number | undefined;

  constructor(range: ScanRange, verify: boolean, visit: (scanned: ScannedBatch) => void) {
    this.#range = range;
    this.#verify = verify;
    this.#visit = visit;
    this.#position = range.from;
    this.#nextOffset = range.minOffset;
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.problem === undefined) {
      if (this.#begunBytes > 0) {
        at += this.#goOn(chunk, at);
        continue;
      }
      const rest = chunk.length - at;
      if (rest < BATCH_OVERHEAD_BYTES) {
        this.#keep(chunk.subarray(at));
        return;
      }
      this.problem = this.#problemOf(chunk, at);
      if (this.problem !== undefined) return;
      const sizeBytes = batchSizeAt(chunk, at);
      if (sizeBytes > rest) {
        this.#begin(chunk.subarray(at), sizeBytes);
        return;
      }
      this.#found(chunk.subarray(at, at + sizeBytes), sizeBytes);
      at += sizeBytes;
    }
  }

  finish(): ScanResult {
    if (this.problem === undefined && this.#begunBytes > 0) {
      this.problem = `the last ${this.#begunBytes} bytes are no whole batch`;
    }
    return { endPosition: this.#position, nextOffset: this.#nextOffset, problem: this.problem };
  }

  #problemOf(chunk: Buffer, at: number): string | undefined {
    if (!isPlausibleHeaderAt(chunk, at)) return 'there is no batch';
    if (batchSizeAt(chunk, at) > this.#range.to - this.#position) return 'the last batch is cut off';
    const baseOffset = baseOffsetAt(chunk, at);
    if (baseOffset < this.#nextOffset) {
      return `the batch has the base offset ${baseOffset} where ${this.#nextOffset} is the next`;
    }
    if (lastOffsetAt(chunk, at) >= this.#range.endOffset) {
      return `the batch ends at offset ${lastOffsetAt(chunk, at)} where all must be below ${this.#range.endOffset}`;
    }
    return undefined;
  }

  #keep(piece: Buffer): void {
    if (this.#begunCrc === undefined) this.#begun.push(piece);
    else this.#begunCrc = crc32c(piece, this.#begunCrc);
    this.#begunBytes += piece.length;
  }

  /** The batch whose header, and perhaps more, is in `bytes` goes on in the next chunk. */
  #begin(bytes: Buffer, sizeBytes: number): void {
    this.#begunSize = sizeBytes;
    this.#begunBytes = bytes.length;
    this.#begun = [bytes];
    if (sizeBytes <= MAX_JOINED_BYTES) return;
    this.#begun = [bytes.subarray(0, BATCH_OVERHEAD_BYTES)];
    this.#begunCrc = crc32c(bytes.subarray(CRC_START));
  }

  /** Takes what the begun batch needs from the chunk; returns how much that was. */
  #goOn(chunk: Buffer, at: number): number {
    const wantedBytes = (this.#begunSize ?? BATCH_OVERHEAD_BYTES) - this.#begunBytes;
    const piece = chunk.subarray(at, at + wantedBytes);
    this.#keep(piece);
    if (piece.length === wantedBytes && this.#begunSize === undefined) {
      const header = Buffer.concat(this.#begun);
      this.problem = this.#problemOf(header, 0);
      if (this.problem !== undefined) return piece.length;
      this.#begin(header, batchSizeAt(header, 0));
    }
    if (this.#begunBytes === this.#begunSize) this.#complete(this.#begunSize);
    return piece.length;
  }

  #complete(sizeBytes: number): void {
    const bytes = this.#begun.length === 1 ? this.#begun[0]! : Buffer.concat(this.#begun);
    const crc = this.#begunCrc;
    this.#begun = [];
    this.#begunBytes = 0;
    this.#begunSize = undefined;
    this.#begunCrc = undefined;
    this.#found(bytes, sizeBytes, crc);
  }

  #found(bytes: Buffer, sizeBytes: number, crc?: number): void {
    const batch = new RecordBatch(bytes);
    if (this.#verify && (crc === undefined ? !batch.isCrcValid() : crc !== batch.crc)) {
      this.problem = 'the batch fails its checksum';
      return;
    }
    this.#visit({ batch, position: this.#position, sizeBytes });
    this.#position += sizeBytes;
    this.#nextOffset = batch.nextOffset;
  }
}

/**
 * Goes through the headers of a file's batches with small blocking reads that pass over what is between them: for
 * the few behind an index's entry. Ends early when `visit` returns false, before that batch.
 * @throws {DiskError}
 */
export function scanHeadersNow(
  file: LogFile,
  range: ScanRange,
  visit: (chunk: Buffer, at: number, position: number) => boolean,
): ScanResult {
  let position = range.from;
  let nextOffset = range.minOffset;
  const stop = (problem?: string): ScanResult => ({ endPosition: position, nextOffset, problem });
  while (position < range.to) {
    const chunk = file.readNow(position, Math.min(HEADER_CHUNK_BYTES, range.to - position));
    if (chunk.length < BATCH_OVERHEAD_BYTES) return stop(`the last ${chunk.length} bytes are no whole batch`);
    let at = 0;
    while (at + BATCH_OVERHEAD_BYTES <= chunk.length) {
      if (!isPlausibleHeaderAt(chunk, at)) return stop('there is no batch');
      const sizeBytes = batchSizeAt(chunk, at);
      if (position + sizeBytes > range.to) return stop('the last batch is cut off');
      if (baseOffsetAt(chunk, at) < nextOffset) return stop('the offsets do not rise');
      if (lastOffsetAt(chunk, at) >= range.endOffset) return stop('the offsets are not those of the segment');
      if (!visit(chunk, at, position)) return stop();
      nextOffset = asOffset(lastOffsetAt(chunk, at) + 1n);
      position += sizeBytes;
      at += sizeBytes;
    }
  }
  return stop();
}
