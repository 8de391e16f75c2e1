import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset } from '../model/ids.ts';
import type { Disk, DiskFile } from '../model/ports.ts';
import { storageFailure } from './election_store.ts';
import { compareOffsetAndEpoch, type OffsetAndEpoch } from './offset_and_epoch.ts';

/*
 * The snapshots of the metadata log (KIP-630), in its directory: `<end offset>-<epoch>.checkpoint`. One is written
 * beside its name, with `.part` behind it, and renamed when it is whole and synced: what has the name is complete.
 */

const SUFFIX = '.checkpoint';
const PART_SUFFIX = '.part';
const NAME = /^(\d{20})-(\d{10})(?:-.*)?\.checkpoint(\.part|\.deleted)?$/;

/**
 * The snapshot that a directory is formatted with when its voters are known from the start. It has control records
 * only, and is never sent to others: the first leader writes its content into the log.
 */
export const BOOTSTRAP_SNAPSHOT: OffsetAndEpoch = { offset: asOffset(0n), epoch: asLeaderEpoch(0) };

export function snapshotName(id: OffsetAndEpoch): string {
  return `${String(id.offset).padStart(20, '0')}-${String(id.epoch).padStart(10, '0')}${SUFFIX}`;
}

/** A snapshot that is not whole yet. */
export interface PartialSnapshot {
  readonly id: OffsetAndEpoch;
  readonly sizeBytes: number;
  append(chunks: readonly Uint8Array[]): Failure | undefined;
  read(position: number, length: number): Promise<Buffer | Failure>;
  /** Makes it durable and gives it its name. */
  finish(): Promise<Failure | undefined>;
  /** Forgets it, unless it is finished. */
  discard(): void;
}

/** A snapshot that is being read stays open until the reads have ended, though it may have been removed. */
interface OpenSnapshot {
  readonly file: DiskFile;
  reads: number;
  isRemoved: boolean;
}

export class SnapshotStore {
  readonly #disk: Disk;
  readonly #directory: string;
  /** Ascending, by epoch and offset. */
  #ids: OffsetAndEpoch[] = [];
  /** Open for reading, by name; each is one of the ids'. */
  readonly #files = new Map<string, OpenSnapshot>();

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** Finds the whole snapshots, and removes those that never became whole. */
  load(): Failure | undefined {
    try {
      for (const name of this.#disk.list(this.#directory)) {
        const match = NAME.exec(name);
        if (match === null) continue;
        const id = { offset: asOffset(BigInt(match[1]!)), epoch: asLeaderEpoch(Number(match[2])) };
        if (match[3] === undefined && name === snapshotName(id)) this.#ids.push(id);
        else this.#disk.remove(`${this.#directory}/${name}`);
      }
      this.#ids.sort(compareOffsetAndEpoch);
      return undefined;
    } catch (error) {
      return storageFailure(error, `read the snapshots in ${this.#directory}`);
    }
  }

  get ids(): readonly OffsetAndEpoch[] {
    return this.#ids;
  }

  get latest(): OffsetAndEpoch | undefined {
    return this.#ids.at(-1);
  }

  get earliest(): OffsetAndEpoch | undefined {
    return this.#ids[0];
  }

  has(id: OffsetAndEpoch): boolean {
    return this.#ids.some(each => compareOffsetAndEpoch(each, id) === 0);
  }

  sizeBytes(id: OffsetAndEpoch): number | Failure {
    const open = this.#open(id);
    return failed(open) ? open : open.file.sizeBytes;
  }

  /** When the snapshot was written, wall-clock milliseconds; 0 when that can't be told. */
  modifiedMs(id: OffsetAndEpoch): number {
    try {
      return this.#disk.modifiedMs(`${this.#directory}/${snapshotName(id)}`);
    } catch (error) {
      storageFailure(error, 'look at a snapshot');
      return 0;
    }
  }

  /** Up to `length` bytes from `position` on. */
  async read(id: OffsetAndEpoch, position: number, length: number): Promise<Buffer | Failure> {
    const open = this.#open(id);
    if (failed(open)) return open;
    open.reads++;
    try {
      return await open.file.read(position, length);
    } catch (error) {
      return storageFailure(error, `read ${open.file.path}`);
    } finally {
      open.reads--;
      closeUnlessUsed(open);
    }
  }

  #open(id: OffsetAndEpoch): OpenSnapshot | Failure {
    const name = snapshotName(id);
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    if (!this.has(id)) {
      return new Failure(Errors.SNAPSHOT_NOT_FOUND, `There is no snapshot ${name} in ${this.#directory}`);
    }
    try {
      const file = this.#disk.open(`${this.#directory}/${name}`, 'read');
      const open = { file, reads: 0, isRemoved: false };
      this.#files.set(name, open);
      return open;
    } catch (error) {
      return storageFailure(error, `open ${this.#directory}/${name}`);
    }
  }

  /** Begins a snapshot; what was begun under the same id before is forgotten. */
  create(id: OffsetAndEpoch): PartialSnapshot | Failure {
    const path = `${this.#directory}/${snapshotName(id)}`;
    try {
      const file = this.#disk.open(`${path}${PART_SUFFIX}`, 'create');
      file.truncate(0);
      return new PartFile(file, id, () => this.#adopt(id, path));
    } catch (error) {
      return storageFailure(error, `create ${path}${PART_SUFFIX}`);
    }
  }

  async #adopt(id: OffsetAndEpoch, path: string): Promise<void> {
    this.#disk.rename(`${path}${PART_SUFFIX}`, path);
    await this.#disk.syncDirectory(this.#directory);
    if (this.has(id)) return;
    this.#ids.push(id);
    this.#ids.sort(compareOffsetAndEpoch);
  }

  /** Removes the snapshots before `id`. */
  removeBefore(id: OffsetAndEpoch): Failure | undefined {
    const gone = this.#ids.filter(each => compareOffsetAndEpoch(each, id) < 0);
    this.#ids = this.#ids.filter(each => compareOffsetAndEpoch(each, id) >= 0);
    try {
      for (const each of gone) {
        const name = snapshotName(each);
        this.#forget(name);
        this.#disk.remove(`${this.#directory}/${name}`);
      }
      return undefined;
    } catch (error) {
      return storageFailure(error, `remove old snapshots in ${this.#directory}`);
    }
  }

  close(): void {
    for (const name of [...this.#files.keys()]) this.#forget(name);
  }

  #forget(name: string): void {
    const open = this.#files.get(name);
    if (open === undefined) return;
    this.#files.delete(name);
    open.isRemoved = true;
    closeUnlessUsed(open);
  }
}

function closeUnlessUsed(open: OpenSnapshot): void {
  if (open.isRemoved && open.reads === 0) open.file.close();
}

class PartFile implements PartialSnapshot {
  readonly id: OffsetAndEpoch;
  readonly #file: DiskFile;
  readonly #adopt: () => Promise<void>;
  #isOpen = true;

  constructor(file: DiskFile, id: OffsetAndEpoch, adopt: () => Promise<void>) {
    this.id = id;
    this.#file = file;
    this.#adopt = adopt;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  append(chunks: readonly Uint8Array[]): Failure | undefined {
    assert(this.#isOpen, `${this.#file.path} is finished`);
    try {
      this.#file.write(this.#file.sizeBytes, chunks);
      return undefined;
    } catch (error) {
      return storageFailure(error, `write ${this.#file.path}`);
    }
  }

  async read(position: number, length: number): Promise<Buffer | Failure> {
    assert(this.#isOpen, `${this.#file.path} is finished`);
    try {
      return await this.#file.read(position, length);
    } catch (error) {
      return storageFailure(error, `read ${this.#file.path}`);
    }
  }

  async finish(): Promise<Failure | undefined> {
    assert(this.#isOpen, `${this.#file.path} is finished`);
    this.#isOpen = false;
    try {
      await this.#file.sync();
      this.#file.close();
      await this.#adopt();
      return undefined;
    } catch (error) {
      return storageFailure(error, `finish ${this.#file.path}`);
    }
  }

  discard(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
  }
}
