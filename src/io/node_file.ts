import fs from 'node:fs';
import { assert } from '../model/assert.ts';
import { DiskError, type DiskFile } from '../model/ports.ts';
import type { RecentHistogram } from '../model/recent_histogram.ts';
import { diskError, errorCode, withDiskErrors } from './disk_errors.ts';

/** The system takes no more chunks in one call (IOV_MAX of Linux and macOS). */
const MAX_CHUNKS_PER_WRITE = 1_024;
/**
 * Freeing the blocks of a removed file takes the system up to a quarter of a second a gigabyte: from this size on the
 * last close, which does that, is left to the thread pool.
 */
export const LARGE_FILE_BYTES = 16 * 2 ** 20;
/** Node takes no more bytes in one call (2³¹ - 1), and this is a round number below. */
const MAX_BYTES_PER_READ = 2 ** 30;

const MICROSECONDS_A_MS = 1000;

export interface OpenFile {
  readonly descriptor: number;
  readonly sizeBytes: number;
  /** Takes the times of the syncs, in microseconds. */
  readonly syncTimes: RecentHistogram;
}

/**
 * An open file. Writes block: what they cost is a copy into the system's cache, and a detour through the thread pool
 * costs three times as much. Reads and syncs wait for the disk, in the thread pool.
 */
export class NodeFile implements DiskFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #syncTimes: RecentHistogram;
  #sizeBytes: number;
  /** Reads and syncs under way; the descriptor stays open for them. */
  #pending = 0;
  #isClosed = false;

  constructor(path: string, { descriptor, sizeBytes, syncTimes }: OpenFile) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#sizeBytes = sizeBytes;
    this.#syncTimes = syncTimes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(position: number, chunks: readonly Uint8Array[]): void {
    this.#assertOpen();
    let at = position;
    const batch: Uint8Array[] = [];
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      batch.push(chunk);
      if (batch.length === MAX_CHUNKS_PER_WRITE) at = this.#writeAll(at, batch.splice(0));
    }
    if (batch.length > 0) at = this.#writeAll(at, batch);
    if (at > this.#sizeBytes) this.#sizeBytes = at;
  }

  read(position: number, length: number): Promise<Buffer> {
    this.#assertOpen();
    return this.#later('read', (resolve, reject) => {
      const buffer = this.#bufferFor(position, length);
      let filled = 0;
      const step = (): void => {
        const count = Math.min(buffer.length - filled, MAX_BYTES_PER_READ);
        fs.read(this.#descriptor, buffer, filled, count, position + filled, (error, bytesRead) => {
          if (error !== null && errorCode(error) !== 'EINTR') {
            reject(error);
            return;
          }
          if (error === null) filled += bytesRead;
          if (filled === buffer.length) resolve(buffer);
          else if (error === null && bytesRead === 0) resolve(buffer.subarray(0, filled));
          else step();
        });
      };
      if (buffer.length === 0) resolve(buffer);
      else step();
    });
  }

  readNow(position: number, length: number): Buffer {
    this.#assertOpen();
    return withDiskErrors('read', this.path, () => {
      const buffer = this.#bufferFor(position, length);
      let filled = 0;
      while (filled < buffer.length) {
        const count = Math.min(buffer.length - filled, MAX_BYTES_PER_READ);
        const bytesRead = fs.readSync(this.#descriptor, buffer, filled, count, position + filled);
        if (bytesRead === 0) return buffer.subarray(0, filled);
        filled += bytesRead;
      }
      return buffer;
    });
  }

  truncate(sizeBytes: number): void {
    this.#assertOpen();
    withDiskErrors('truncate', this.path, () => fs.ftruncateSync(this.#descriptor, sizeBytes));
    this.#sizeBytes = sizeBytes;
  }

  sync(): Promise<void> {
    this.#assertOpen();
    return this.#later('sync', (resolve, reject) => {
      const startedMs = performance.now();
      fs.fdatasync(this.#descriptor, error => {
        const nowMs = performance.now();
        this.#syncTimes.record((nowMs - startedMs) * MICROSECONDS_A_MS, nowMs);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pending === 0) this.#closeDescriptor();
  }

  /** Writes the chunks, as many calls as it takes; returns the position behind them. */
  #writeAll(position: number, chunks: readonly Uint8Array[]): number {
    let at = position;
    let rest = chunks;
    while (rest.length > 0) {
      const written = this.#writeSome(at, rest);
      at += written;
      rest = after(rest, written);
    }
    return at;
  }

  #writeSome(position: number, chunks: readonly Uint8Array[]): number {
    for (;;) {
      try {
        const written =
          chunks.length === 1
            ? fs.writeSync(this.#descriptor, chunks[0]!, 0, chunks[0]!.length, position)
            : fs.writevSync(this.#descriptor, chunks, position);
        if (written > 0) return written;
        throw new DiskError('EIO', this.path, `Cannot write to ${this.path}: the system took 0 bytes`);
      } catch (error) {
        if (error instanceof DiskError) throw error;
        if (errorCode(error) !== 'EINTR') throw diskError(error, 'write to', this.path);
      }
    }
  }

  /** A buffer of the caller's own for `length` bytes, or for those that the file has. */
  #bufferFor(position: number, length: number): Buffer {
    let count = length;
    if (position + length > this.#sizeBytes) {
      // Other handles may have written more.
      const { size } = fs.fstatSync(this.#descriptor);
      count = Math.max(0, Math.min(length, size - position));
    }
    // Not of Buffer's pool: a small piece would keep alive, and share its memory with, the pieces around it.
    return Buffer.allocUnsafeSlow(count);
  }

  /** Runs what ends later, and keeps the descriptor open until then. */
  #later<T>(
    action: string,
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    this.#pending++;
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        this.#pending--;
        if (this.#isClosed && this.#pending === 0) this.#closeDescriptor();
      };
      const fail = (error: unknown): void => {
        end();
        reject(asRejection(error, action, this.path));
      };
      const succeed = (value: T): void => {
        end();
        resolve(value);
      };
      try {
        start(succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  #closeDescriptor(): void {
    closeDescriptor(this.#descriptor, this.#sizeBytes);
  }

  #assertOpen(): void {
    assert(!this.#isClosed, `${this.path} is used after it was closed`);
  }
}

/** Errors don't matter: whether bytes are on the disk is for a sync to say, and the descriptor is gone all the same. */
export function closeDescriptor(descriptor: number, sizeBytes: number): void {
  // Windows refuses to rename a directory with open files, so there it has to be done on return.
  if (sizeBytes >= LARGE_FILE_BYTES && process.platform !== 'win32') {
    fs.close(descriptor, () => {});
    return;
  }
  try {
    fs.closeSync(descriptor);
  } catch {}
}

/** What is left of `chunks` behind the first `count` bytes. */
function after(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = 0;
  let left = count;
  while (skipped < chunks.length && left >= chunks[skipped]!.length) left -= chunks[skipped++]!.length;
  if (left === 0) return chunks.slice(skipped);
  return [chunks[skipped]!.subarray(left), ...chunks.slice(skipped + 1)];
}

function asRejection(error: unknown, action: string, path: string): unknown {
  try {
    return diskError(error, action, path);
  } catch (programmers) {
    return programmers;
  }
}
