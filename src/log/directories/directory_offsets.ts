import { asOffset, minOffset, type Offset } from '../../model/ids.ts';
import type { PartitionLog } from '../partition_log.ts';
import {
  type CheckpointServices,
  OffsetCheckpoint,
  OffsetFile,
  type PartitionOffsets,
} from './offset_checkpoint.ts';

/** The logs of a directory, by their names. */
export interface DirectoryContent {
  /** Those that are open. */
  readonly logs: ReadonlyMap<string, PartitionLog>;
  /** Those that were found and are not open (yet). */
  readonly found: ReadonlyMap<string, unknown>;
}

/** What the files have for a log: see OpenLogOptions. */
export interface StoredOffsets {
  readonly recoveryPoint: Offset;
  readonly logStartOffset: Offset;
  readonly highWatermark: Offset;
}

/** Keeps what is stored of a log below its cut, until the log itself is. */
interface Ceiling {
  readonly offset: Offset;
}

const ZERO = asOffset(0n);
const FILES = Object.values(OffsetFile);

/**
 * The offset files of a log directory, in which each log has its lines. What is stored of a log may lag behind, but
 * must never be ahead of what it is after a crash: above its end a recovery point would leave records unchecked that
 * were written later, and a log start would delete them.
 */
export class DirectoryOffsets {
  readonly #content: DirectoryContent;
  readonly #checkpoints: ReadonlyMap<OffsetFile, OffsetCheckpoint>;
  readonly #ceilings = new Map<string, Ceiling>();
  /** Up to where logs are compacted. */
  readonly #cleaned = new Map<string, Offset>();

  /**
   * Reads the files.
   * @throws {DiskError}
   */
  constructor(services: CheckpointServices, path: string, content: DirectoryContent) {
    this.#content = content;
    const checkpoints = new Map<OffsetFile, OffsetCheckpoint>();
    for (const file of FILES) {
      const collect = (stored: PartitionOffsets): PartitionOffsets => this.#collect(file, stored);
      checkpoints.set(file, new OffsetCheckpoint(services, `${path}/${file}`, collect));
    }
    this.#checkpoints = checkpoints;
  }

  #checkpoint(file: OffsetFile): OffsetCheckpoint {
    return this.#checkpoints.get(file)!;
  }

  #collect(file: OffsetFile, stored: PartitionOffsets): PartitionOffsets {
    const { found, logs } = this.#content;
    const offsets = new Map<string, Offset>();
    const set = (name: string, offset: Offset | undefined): void => {
      if (offset === undefined) return;
      const ceiling = this.#ceilings.get(name);
      offsets.set(name, ceiling === undefined ? offset : minOffset(offset, ceiling.offset));
    };
    for (const name of found.keys()) set(name, stored.get(name));
    for (const [name, log] of logs) set(name, this.#valueOf(file, name, log));
    return offsets;
  }

  #valueOf(file: OffsetFile, name: string, log: PartitionLog): Offset | undefined {
    switch (file) {
      case OffsetFile.recoveryPoints:
        return log.recoveryPoint;
      case OffsetFile.logStarts:
        return log.logStartOffset > 0n ? log.logStartOffset : undefined;
      case OffsetFile.highWatermarks:
        return log.highWatermark;
      case OffsetFile.cleanerOffsets:
        return this.cleanedUpTo(name);
    }
  }

  /** What is stored of a log. */
  of(name: string): StoredOffsets {
    const stored = (file: OffsetFile): Offset => this.#checkpoint(file).get(name) ?? ZERO;
    return {
      recoveryPoint: stored(OffsetFile.recoveryPoints),
      logStartOffset: stored(OffsetFile.logStarts),
      highWatermark: stored(OffsetFile.highWatermarks),
    };
  }

  /** Brings one of the files up to date. @throws {DiskError} */
  store(file: OffsetFile): Promise<void> {
    return this.#checkpoint(file).store();
  }

  /** Stores where a log starts now: what is below stays deleted. @throws {DiskError} */
  async storeLogStart(name: string, log: PartitionLog): Promise<void> {
    // A cut that is under way may have announced itself before the log's start rose.
    if (this.#ceilings.has(name)) await this.settled(name, () => log.checkpoint());
    await this.store(OffsetFile.logStarts);
  }

  /** @throws {DiskError} */
  async storeAll(): Promise<void> {
    for (const file of FILES) await this.store(file);
  }

  /**
   * A log is about to end at `offset`, or was found to: nothing above is stored of it when this resolves, nor later
   * before {@link settled}.
   * @throws {DiskError}
   */
  async lower(name: string, offset: Offset): Promise<void> {
    this.#ceilings.set(name, { offset });
    const cleaned = this.cleanedUpTo(name);
    if (cleaned !== undefined && cleaned > offset) this.#cleaned.set(name, offset);
    for (const checkpoint of this.#checkpoints.values()) {
      if ((checkpoint.largest(name) ?? ZERO) > offset) await checkpoint.store();
    }
  }

  /** A log that was not used yet was found to end at `offset`: nothing above stays stored of it. @throws {DiskError} */
  async bound(name: string, offset: Offset): Promise<void> {
    if (FILES.every(file => (this.#checkpoint(file).get(name) ?? ZERO) <= offset)) return;
    await this.lower(name, offset);
    this.#ceilings.delete(name);
  }

  /** Runs `settle`, at whose end every cut of the log is done that was announced before: its offsets are its own again. */
  async settled<T>(name: string, settle: () => Promise<T>): Promise<T> {
    const ceiling = this.#ceilings.get(name);
    const result = await settle();
    if (this.#ceilings.get(name) === ceiling) this.#ceilings.delete(name);
    return result;
  }

  /**
   * Makes sure that nothing is stored under the name of a log that is about to be made: what may be there is of another
   * log, of that name, which was deleted.
   * @throws {DiskError}
   */
  async forget(name: string): Promise<void> {
    this.#ceilings.delete(name);
    this.#cleaned.delete(name);
    for (const checkpoint of this.#checkpoints.values()) {
      if (checkpoint.largest(name) !== undefined) await checkpoint.store();
    }
  }

  /** Up to where a log is compacted; undefined when it never was. */
  cleanedUpTo(name: string): Offset | undefined {
    return this.#cleaned.get(name) ?? this.#checkpoint(OffsetFile.cleanerOffsets).get(name);
  }

  /** Notes up to where a log is compacted. */
  setCleanedUpTo(name: string, offset: Offset): void {
    this.#cleaned.set(name, offset);
  }
}
