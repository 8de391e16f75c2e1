import { assert } from '../model/assert.ts';
import { type Disk, DiskError, type DiskFile, type OpenMode } from '../model/ports.ts';
import { SyncTurns } from './sync_turns.ts';

/** How many files the logs of a broker keep open, unless told otherwise. */
export const DEFAULT_MAX_OPEN_FILES = 2_000;

/**
 * The open files of all logs: opened when used, and closed again, longest unused first, above a limit. A file with
 * unsynced writes or a running operation stays open whatever the limit (the system reports a failed write-back to
 * those alone that have the file open), so owners of unsynced files are asked to sync them above it.
 */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #maxOpen: number;
  /** Where the logs queue up to sync what they appended. */
  readonly syncTurns = new SyncTurns();
  /** The open files, the longest unused first. */
  readonly #open = new Set<LogFile>();

  constructor(disk: Disk, maxOpen = DEFAULT_MAX_OPEN_FILES) {
    this.#disk = disk;
    this.#maxOpen = maxOpen;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** @throws {DiskError} */
  open(file: LogFile, mode: OpenMode): DiskFile {
    const handle = this.#disk.open(file.path, mode);
    this.#open.add(file);
    if (this.#open.size > this.#maxOpen) {
      this.closeIdle();
      this.#askForSyncs();
    }
    return handle;
  }

  /** Notes that the file was used just now. */
  touch(file: LogFile): void {
    this.#open.delete(file);
    this.#open.add(file);
  }

  closed(file: LogFile): void {
    this.#open.delete(file);
  }

  /** Closes idle files that are above the limit. */
  closeIdle(): void {
    if (this.#open.size <= this.#maxOpen) return;
    for (const file of this.#open) {
      if (this.#open.size <= this.#maxOpen) return;
      if (file.isIdle) file.close();
    }
  }

  /** Above the limit still, files are in use or unsynced: of the latter as many are to be synced. */
  #askForSyncs(): void {
    let above = this.#open.size - this.#maxOpen;
    for (const file of this.#open) {
      if (above-- <= 0) return;
      file.askForSync();
    }
  }
}

/** A segment's log file: there on the disk, open only while it is used or among those used last. */
export class LogFile {
  readonly #files: OpenFiles;
  readonly #askForSync: () => void;
  #path: string;
  #handle: DiskFile | undefined;
  /** Operations under way that the handle must outlive. */
  #running = 0;
  #writes = 0;
  /** The writes up to this one are on disk. */
  #syncedWrites = 0;
  /** The file is being removed: nothing of it counts any more, and the handle goes with the last operation. */
  #isAbandoned = false;

  /** @param askForSync called when the file should be synced soon, to let it be closed */
  constructor(files: OpenFiles, path: string, askForSync: () => void) {
    this.#files = files;
    this.#path = path;
    this.#askForSync = askForSync;
  }

  get path(): string {
    return this.#path;
  }

  get isUnsynced(): boolean {
    return this.#writes > this.#syncedWrites;
  }

  get isIdle(): boolean {
    return this.#running === 0 && !this.isUnsynced;
  }

  askForSync(): void {
    if (this.isUnsynced) this.#askForSync();
  }

  /** Makes the file, which must not be there. @throws {DiskError} */
  create(): void {
    this.#opened('create-new');
    this.close();
  }

  /** Treats what is in the file as unsynced: written by a process that may not have come to it. */
  markUnsynced(): void {
    this.#writes++;
  }

  #opened(mode: OpenMode = 'write'): DiskFile {
    // There may be a file of another log under the path by now.
    if (this.#isAbandoned) throw new DiskError('ENOENT', this.#path, `${this.#path} is not used any more`);
    if (this.#handle === undefined) {
      this.#running++;
      try {
        this.#handle = this.#files.open(this, mode);
      } finally {
        this.#running--;
      }
    } else {
      this.#files.touch(this);
    }
    return this.#handle;
  }

  /** @throws {DiskError} */
  write(position: number, chunks: readonly Uint8Array[]): void {
    const handle = this.#opened();
    this.#writes++;
    handle.write(position, chunks);
  }

  /** @throws {DiskError} */
  truncate(sizeBytes: number): void {
    const handle = this.#opened();
    this.#writes++;
    handle.truncate(sizeBytes);
  }

  /** @throws {DiskError} */
  readNow(position: number, length: number): Buffer {
    return this.#opened().readNow(position, length);
  }

  /** @throws {DiskError} */
  async read(position: number, length: number): Promise<Buffer> {
    const handle = this.#opened();
    this.#running++;
    try {
      return await handle.read(position, length);
    } finally {
      this.#ended();
    }
  }

  /** Makes the writes before the call durable. @throws {DiskError} */
  async sync(): Promise<void> {
    if (!this.isUnsynced) return;
    const handle = this.#opened();
    const writes = this.#writes;
    this.#running++;
    try {
      await handle.sync();
      this.#syncedWrites = Math.max(this.#syncedWrites, writes);
    } finally {
      this.#ended();
    }
  }

  /** The file has another name from now on. An open handle stays valid. */
  renamed(path: string): void {
    this.#path = path;
  }

  /** Closes the handle; the next use opens the file again. No operation may be running. */
  close(): void {
    assert(this.#running === 0, `${this.#path} is closed while it is used`);
    if (this.#handle === undefined) return;
    this.#handle.close();
    this.#handle = undefined;
    this.#files.closed(this);
  }

  #ended(): void {
    this.#running--;
    if (this.#isAbandoned && this.#running === 0) this.close();
    this.#files.closeIdle();
  }

  /** Closes the handle once no operation is running, whatever is unsynced: the file is given up. */
  abandon(): void {
    this.#syncedWrites = this.#writes;
    this.#isAbandoned = true;
    if (this.#running === 0) this.close();
  }
}
