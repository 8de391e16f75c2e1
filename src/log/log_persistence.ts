import type { Failure } from '../model/failure.ts';
import { maxOffset, minOffset, type Offset } from '../model/ids.ts';
import type { Disk } from '../model/ports.ts';
import { encodeCheckpoint, writeFile } from './checkpoint_file.ts';
import type { Durability } from './durability.ts';
import { LEADER_EPOCH_FILE } from './file_names.ts';
import { LEADER_EPOCH_FORMAT, type LeaderEpochs } from './leader_epochs.ts';
import type { LogFile } from './open_files.ts';
import { snapshotPath } from './producer_loader.ts';
import { encodeProducerSnapshot } from './producer_snapshot.ts';
import type { ProducerState } from './producer_state.ts';
import type { Segment, SegmentEnvironment } from './segment.ts';
import type { SegmentList } from './segment_list.ts';

/**
 * A checkpoint is not worth its syncs before so many bytes: as much is checked in a few milliseconds after a crash.
 */
const MIN_CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** The parts of a log that are made durable. */
export interface PersistedParts {
  readonly environment: SegmentEnvironment;
  readonly segments: SegmentList;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerState;
  readonly durability: Durability;
  /** Offsets of the producers' snapshots that are there, rising. */
  readonly snapshots: Offset[];
}

/** A segment that grows no more, with the producers as of its end. */
interface ClosedSegment {
  readonly segment: Segment;
  readonly endOffset: Offset;
  readonly producers: Buffer;
}

/**
 * Makes durable what a log has besides its records, and with it moves the recovery point: what is below that needs no
 * check and nothing rebuilt after a crash. Works on the log's files one task after the other.
 */
export class LogPersistence {
  readonly #parts: PersistedParts;
  #recoveryPoint: Offset;
  /** {@link LeaderEpochs.version} as it was stored; undefined when it never was. */
  #epochsVersion: number | undefined;
  /** Whether nothing has changed since everything was stored. */
  #isSettled: boolean;
  #closed: ClosedSegment[] = [];
  /** Bytes of the active segment up to the last checkpoint. */
  #checkpointedBytes = 0;
  #tasks: Promise<unknown> = Promise.resolve();
  /** Files with records that are not on the disk yet; mostly one. */
  #unsyncedFiles: LogFile[] = [];
  /** Another file that is not on the disk yet. */
  #unsyncedPath: string | undefined;
  /** Names in the log's directory are not on the disk yet. */
  #hasUnsyncedNames = false;
  /** The directory's own name may not be on the disk yet. */
  #isUnnamed: boolean;
  /** The name of the newest segment is not on the disk yet. */
  #isNewestUnnamed = false;

  constructor(
    parts: PersistedParts,
    { recoveryPoint, isSettled }: { recoveryPoint: Offset; isSettled: boolean },
  ) {
    this.#parts = parts;
    this.#recoveryPoint = recoveryPoint;
    this.#isSettled = isSettled;
    this.#isUnnamed = !isSettled;
    this.#epochsVersion = isSettled ? parts.epochs.version : undefined;
  }

  /** Everything below it is on the disk with all that is made of it. Never above the end of the log. */
  get recoveryPoint(): Offset {
    return this.#recoveryPoint;
  }

  /** Whether a segment was begun whose name may be lost yet: until then no other one may be begun. */
  get isNewestUnnamed(): boolean {
    return this.#isNewestUnnamed;
  }

  /** Runs tasks that change the log's files one after the other. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#tasks.then(task);
    this.#tasks = run.catch(() => {});
    return run;
  }

  /** Records were written to the file. */
  written(file: LogFile): void {
    if (!this.#unsyncedFiles.includes(file)) this.#unsyncedFiles.push(file);
    this.#isSettled = false;
  }

  /** A small file was written beside the records. */
  writtenAt(path: string): void {
    this.#unsyncedPath = path;
    this.#isSettled = false;
  }

  /** Names were made or changed in the log's directory. */
  renamed(): void {
    this.#hasUnsyncedNames = true;
    this.#isSettled = false;
  }

  /** The active segment was closed, and a new one begun at `endOffset`. */
  rolled(segment: Segment, endOffset: Offset): void {
    const { producers } = this.#parts;
    this.#closed.push({ segment, endOffset, producers: encodeProducerSnapshot(producers.producers) });
    this.#checkpointedBytes = 0;
    this.#isNewestUnnamed = true;
    this.renamed();
  }

  /** Makes durable what was written before the call: records and names. @throws {DiskError} */
  async sync(): Promise<void> {
    const files = this.#unsyncedFiles;
    const hasNames = this.#hasUnsyncedNames;
    const path = this.#unsyncedPath;
    this.#unsyncedFiles = [];
    this.#hasUnsyncedNames = false;
    this.#unsyncedPath = undefined;
    for (const file of files) await file.sync();
    if (path !== undefined) await syncFile(this.#parts.environment.disk, path);
    if (hasNames) {
      await this.#syncDirectory();
      if (!this.#hasUnsyncedNames) this.#isNewestUnnamed = false;
    }
    await this.#nameDirectory();
  }

  async #syncDirectory(): Promise<void> {
    const { disk, directory } = this.#parts.environment;
    await disk.syncDirectory(directory);
  }

  async #nameDirectory(): Promise<void> {
    if (!this.#isUnnamed) return;
    const { disk, directory } = this.#parts.environment;
    await disk.syncDirectory(directory.slice(0, directory.lastIndexOf('/')));
    this.#isUnnamed = false;
  }

  /**
   * Stores what belongs to the segments that were closed, and moves the recovery point behind them. Nothing happens
   * when the log has failed. To be run {@link exclusively}.
   * @throws {DiskError}
   */
  async storeClosed(): Promise<void> {
    if (this.#closed.length === 0) return;
    const closed = this.#closed;
    this.#closed = [];
    if ((await this.#parts.durability.awaitSynced()) !== undefined) return;
    for (const { segment, endOffset, producers } of closed) {
      if (segment.isDeleted) continue;
      await segment.persistIndexes();
      await this.#storeProducers(endOffset, producers);
    }
    await this.#storeEpochs();
    await this.#syncDirectory();
    for (const { segment, endOffset } of closed) {
      segment.releaseIndexes();
      this.#recoveryPoint = maxOffset(this.#recoveryPoint, endOffset);
    }
  }

  /**
   * Stores everything as of now, and moves the recovery point to the log's end; unless there is little new, and the
   * log is not about to be closed (`isFinal`). Appends may go on meanwhile. To be run {@link exclusively}.
   * @returns the failure of a log that has failed
   * @throws {DiskError}
   */
  async checkpoint({ isFinal }: { readonly isFinal: boolean }): Promise<Failure | undefined> {
    await this.storeClosed();
    const { segments, producers, durability, snapshots } = this.#parts;
    const { active } = segments;
    // A log that never had a record is made anew when it is lost.
    if (producers.endOffset === 0n) return undefined;
    const newBytes = active.sizeBytes - this.#checkpointedBytes;
    if (this.#isSettled || (!isFinal && newBytes < MIN_CHECKPOINT_BYTES)) return undefined;
    if (isFinal && active.sizeBytes > 0) active.complete();
    const { sizeBytes } = active;
    const { endOffset } = producers;
    const content = encodeProducerSnapshot(producers.producers);
    this.#isSettled = true;
    const failure = await durability.awaitSynced();
    if (failure !== undefined) return failure;
    // What is appended meanwhile may get into the files too: a recovery drops what is behind the recovery point.
    if (sizeBytes > 0) await active.persistIndexes();
    const previous = snapshots.at(-1);
    await this.#storeProducers(endOffset, content);
    await this.#storeEpochs();
    this.#dropSnapshot(previous, endOffset);
    await this.#syncDirectory();
    await this.#nameDirectory();
    this.#checkpointedBytes = sizeBytes;
    this.#recoveryPoint = maxOffset(this.#recoveryPoint, endOffset);
    return undefined;
  }

  async #storeProducers(offset: Offset, content: Buffer): Promise<void> {
    const { environment, snapshots } = this.#parts;
    if (snapshots.at(-1) === offset) return;
    await writeFile(environment.disk, snapshotPath(environment, offset), content);
    if (!snapshots.includes(offset)) snapshots.push(offset);
    snapshots.sort((left, right) => (left < right ? -1 : 1));
  }

  /** Removes the snapshot of the checkpoint before, unless it is that of a segment's start. */
  #dropSnapshot(previous: Offset | undefined, newest: Offset): void {
    const { environment, snapshots, segments } = this.#parts;
    if (previous === undefined || previous >= newest) return;
    if (segments.all.some(segment => segment.baseOffset === previous)) return;
    environment.disk.remove(snapshotPath(environment, previous));
    snapshots.splice(snapshots.indexOf(previous), 1);
  }

  /** Durable once the directory is synced. */
  async #storeEpochs(): Promise<void> {
    const { environment, epochs } = this.#parts;
    if (this.#epochsVersion === epochs.version) return;
    const { version } = epochs;
    const path = `${environment.directory}/${LEADER_EPOCH_FILE}`;
    await writeFile(environment.disk, path, encodeCheckpoint(LEADER_EPOCH_FORMAT, epochs.entries));
    this.#epochsVersion = version;
  }

  /**
   * The log ends at `offset` now and is durable as it is but for the epochs, which are stored here; snapshots behind
   * it are removed. To be run {@link exclusively}.
   * @throws {DiskError}
   */
  async truncated(offset: Offset): Promise<void> {
    const { environment, snapshots, segments } = this.#parts;
    while (snapshots.length > 0 && snapshots.at(-1)! > offset) {
      environment.disk.remove(snapshotPath(environment, snapshots.pop()!));
    }
    this.#closed = this.#closed.filter(({ segment }) => segment !== segments.active && !segment.isDeleted);
    this.#checkpointedBytes = Math.min(this.#checkpointedBytes, segments.active.sizeBytes);
    this.#recoveryPoint = minOffset(this.#recoveryPoint, offset);
    this.#isSettled = false;
    await this.#storeEpochs();
    await this.#syncDirectory();
  }

  /** The log starts at `offset` now: what is below needs no check. */
  startedAt(offset: Offset): void {
    this.#recoveryPoint = maxOffset(this.#recoveryPoint, offset);
  }

  /** Snapshots of deleted segments went with them. */
  forgetSnapshots(offsets: ReadonlySet<Offset>): void {
    const { snapshots } = this.#parts;
    for (const offset of offsets) {
      const index = snapshots.indexOf(offset);
      if (index >= 0) snapshots.splice(index, 1);
    }
  }
}

/** Makes durable what was written through another handle. */
async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = disk.open(path, 'write');
  try {
    await file.sync();
  } finally {
    file.close();
  }
}
