import { assert } from '../model/assert.ts';
import type { DiskFile } from '../model/ports.ts';
import { diskError } from './simulated_disk.ts';
import { PAGE_BYTES, type SimulatedFile } from './simulated_file.ts';
import type { SimulatedMount } from './simulated_mount.ts';

/** An open file of the simulated disk. */
export class SimulatedHandle implements DiskFile {
  readonly path: string;
  readonly #mount: SimulatedMount;
  readonly #file: SimulatedFile;
  readonly #writable: boolean;
  #sizeBytes: number;
  #open = true;

  constructor(mount: SimulatedMount, path: string, file: SimulatedFile, writable: boolean) {
    this.path = path;
    this.#mount = mount;
    this.#file = file;
    this.#writable = writable;
    this.#sizeBytes = file.sizeBytes;
    mount.disk.retain(file);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(position: number, chunks: readonly Uint8Array[]): void {
    this.#assertOpen();
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const fault = this.#mount.begin('write', this.path, position, length);
    if (!this.#writable) throw diskError('EBADF', 'write to', this.path);
    if (length === 0) return;
    if (fault?.code !== undefined) {
      this.#put(position, chunks, Math.floor(this.#mount.disk.random.fraction() * length));
      throw diskError(fault.code, 'write to', this.path);
    }
    const free = this.#mount.disk.freePages;
    if (this.#file.pagesToAllocate(position, length) > free) {
      this.#put(position, chunks, this.#bytesThatFit(position, free));
      throw diskError('ENOSPC', 'write to', this.path);
    }
    this.#put(position, chunks, length);
    this.#sizeBytes = Math.max(this.#sizeBytes, position + length);
  }

  read(position: number, length: number): Promise<Buffer> {
    this.#assertOpen();
    return this.#mount.later('read', this.path, position, length, () => ({
      delayMs: this.#mount.disk.readMs,
      end: code => {
        if (code !== undefined) throw diskError(code, 'read', this.path);
        return this.#file.read(position, length);
      },
    }));
  }

  readNow(position: number, length: number): Buffer {
    this.#assertOpen();
    const fault = this.#mount.begin('read', this.path, position, length);
    if (fault?.code !== undefined) throw diskError(fault.code, 'read', this.path);
    return this.#file.read(position, length);
  }

  truncate(sizeBytes: number): void {
    this.#assertOpen();
    const fault = this.#mount.begin('truncate', this.path, sizeBytes);
    if (!this.#writable) throw diskError('EBADF', 'truncate', this.path);
    if (fault?.code !== undefined) throw diskError(fault.code, 'truncate', this.path);
    this.#alter(file => file.truncate(sizeBytes));
    this.#sizeBytes = sizeBytes;
  }

  sync(): Promise<void> {
    this.#assertOpen();
    return this.#mount.later('sync', this.path, 0, 0, () => {
      const snapshot = this.#file.beginSync();
      return {
        delayMs: this.#mount.disk.syncMs,
        end: code => {
          if (code === undefined) {
            this.#file.completeSync(snapshot);
            return;
          }
          this.#file.failSync(snapshot, this.#mount.disk.random);
          throw diskError(code, 'sync', this.path);
        },
      };
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#mount.forget(this);
    this.#mount.disk.release(this.#file);
  }

  #assertOpen(): void {
    assert(this.#open || this.#mount.isDead, `${this.path} is used after it was closed`);
  }

  #alter(change: (file: SimulatedFile) => void): void {
    this.#mount.disk.alter(this.#file, change);
    this.#file.modifiedMs = this.#mount.clock.nowMs();
  }

  #put(position: number, chunks: readonly Uint8Array[], limit: number): void {
    this.#alter(file => {
      let written = 0;
      for (const chunk of chunks) {
        const count = Math.min(chunk.length, limit - written);
        if (count > 0) file.write(position + written, chunk.subarray(0, count));
        written += count;
      }
    });
  }

  #bytesThatFit(position: number, freePages: number): number {
    let fitting = 0;
    for (let free = freePages; ; ) {
      const step = PAGE_BYTES - ((position + fitting) % PAGE_BYTES);
      free -= this.#file.pagesToAllocate(position + fitting, step);
      if (free < 0) return fitting;
      fitting += step;
    }
  }
}
