import { assert } from '../model/assert.ts';
import { DiskError, type Random } from '../model/ports.ts';
import type { SimulatedClock } from './simulated_clock.ts';
import { type CrashMode, PAGE_BYTES, SimulatedFile } from './simulated_file.ts';
import { SimulatedMount } from './simulated_mount.ts';
import { type SimulatedDirectory, SimulatedNamespace } from './simulated_namespace.ts';
import type { SimulatedTime } from './simulated_time.ts';

/** What a process is about to do to the disk; `position` and `length` are 0 where they mean nothing. */
export interface DiskOperation {
  readonly kind:
    | 'open'
    | 'read'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'list'
    | 'make-directory'
    | 'rename'
    | 'remove'
    | 'sync-directory';
  readonly path: string;
  readonly position: number;
  readonly length: number;
}

/** How the disk answers an operation otherwise than by doing it at once. */
export interface DiskFault {
  /** Fails with this error, `EIO` or another. */
  readonly code?: string;
  /** Takes so much longer; for `read` and the syncs only. */
  readonly delayMs?: number;
}

export interface SimulatedDiskOptions {
  readonly time: SimulatedTime;
  /** Decides what faults leave behind: how much of a failed write or sync is there. */
  readonly random: Random;
  readonly capacityBytes?: number;
  /** How long a sync takes. */
  readonly syncMs?: number;
  /** How long a read takes, unless it is a `readNow`. */
  readonly readMs?: number;
}

/**
 * A machine's disk in the simulated world. Its files live in memory, in two views: as the system's cache has them
 * (what processes read and write) and as they are on the disk itself. Bytes and sizes get from the one to the other
 * by `sync`, names by `syncDirectory`, and nothing by itself; {@link crash} shows the difference. Processes reach
 * the disk through {@link mount}.
 */
export class SimulatedDisk {
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly syncMs: number;
  readonly readMs: number;
  readonly namespace = new SimulatedNamespace(0);
  /** Held directories. */
  readonly locks = new Map<SimulatedDirectory, SimulatedMount>();
  readonly #mounts = new Set<SimulatedMount>();
  /** Pages of all files that have a name or an open handle. */
  #usedPages = 0;
  #crashes = 0;
  capacityBytes: number;
  /** As the disk was built. */
  readonly initialCapacityBytes: number;
  /**
   * Asked before each operation: how it fails, undefined for not at all. May {@link crash} the disk or kill a mount
   * itself; then the operation does not happen.
   */
  faults: ((operation: DiskOperation) => DiskFault | undefined) | undefined;

  constructor({ time, random, capacityBytes = 2 ** 40, syncMs = 0, readMs = 0 }: SimulatedDiskOptions) {
    this.time = time;
    this.random = random;
    this.syncMs = syncMs;
    this.readMs = readMs;
    this.capacityBytes = capacityBytes;
    this.initialCapacityBytes = capacityBytes;
  }

  get usedBytes(): number {
    return this.#usedPages * PAGE_BYTES;
  }

  /** Counts the power cuts. */
  get crashCount(): number {
    return this.#crashes;
  }

  /** Pages that can still be allocated. */
  get freePages(): number {
    return Math.max(0, Math.floor(this.capacityBytes / PAGE_BYTES) - this.#usedPages);
  }

  /** The disk as the process of `clock` sees it, until that process dies. */
  mount(clock: SimulatedClock): SimulatedMount {
    const mount = new SimulatedMount(this, clock);
    this.#mounts.add(mount);
    return mount;
  }

  /**
   * Cuts the power: all processes die, and of what was not synced a random part is there (each 4 KiB page kept, dropped
   * or torn between sectors, sizes and names old or new), or nothing. What is left is durable.
   */
  crash(mode: CrashMode): void {
    this.#crashes++;
    for (const mount of [...this.#mounts]) mount.kill();
    assert(this.locks.size === 0, 'a lock outlives its process');
    this.#usedPages = 0;
    for (const file of this.namespace.crash(mode)) {
      file.crash(mode);
      file.references = 1;
      this.#usedPages += file.allocatedPages;
    }
  }

  /** Flips one bit of a file at rest, in the cache and on the disk. */
  flipBit(path: string, bytePosition: number, bit: number): void {
    const entry = this.namespace.find(path);
    assert(entry instanceof SimulatedFile, `${path} is no file`);
    entry.flipBit(bytePosition, bit);
  }

  /** Called by a mount whose process is gone. */
  unmount(mount: SimulatedMount): void {
    this.#mounts.delete(mount);
    for (const [directory, holder] of this.locks) if (holder === mount) this.locks.delete(directory);
  }

  /** Changes a file, counting the space that this takes or gives back. */
  alter(file: SimulatedFile, change: (file: SimulatedFile) => void): void {
    const before = file.allocatedPages;
    change(file);
    if (file.references > 0) this.#usedPages += file.allocatedPages - before;
  }

  /** A name or a handle refers to the file from now on. */
  retain(file: SimulatedFile): void {
    if (file.references++ === 0) this.#usedPages += file.allocatedPages;
  }

  /** A name or a handle is gone. */
  release(file: SimulatedFile): void {
    assert(file.references > 0, 'a file is released more often than retained');
    if (--file.references === 0) this.#usedPages -= file.allocatedPages;
  }
}

const TEXTS: Readonly<Record<string, string>> = {
  EBADF: 'the file is not open for that',
  EEXIST: 'it exists',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'it is not a directory',
  ENOTEMPTY: 'the directory is not empty',
};

/** What the Disk port throws. */
export function diskError(code: string, action: string, path: string): DiskError {
  return new DiskError(code, path, `Cannot ${action} ${path}: ${code}: ${TEXTS[code] ?? 'injected fault'}`);
}
