import { failed } from '../../model/failure.ts';
import { asOffset, maxOffset, type Offset } from '../../model/ids.ts';
import type { Disk, Logger } from '../../model/ports.ts';
import { type CheckpointFormat, readCheckpoint, writeCheckpoint } from '../checkpoint_file.ts';
import { SharedTask } from './shared_task.ts';

/** Kafka's names of the files in a log directory that have an offset for each of its partitions. */
export const OffsetFile = {
  /** Below it a log needs no check after a crash. */
  recoveryPoints: 'recovery-point-offset-checkpoint',
  /** Where logs start whose first records are deleted. */
  logStarts: 'log-start-offset-checkpoint',
  highWatermarks: 'replication-offset-checkpoint',
  /** Up to where logs are compacted. */
  cleanerOffsets: 'cleaner-offset-checkpoint',
} as const;
export type OffsetFile = (typeof OffsetFile)[keyof typeof OffsetFile];

/** Offsets by the names of the partitions, `topic-index`. */
export type PartitionOffsets = ReadonlyMap<string, Offset>;

/** A line: topic, partition, offset. */
export const OFFSET_FORMAT: CheckpointFormat<readonly [name: string, offset: Offset]> = {
  version: 0,
  encode: ([name, offset]) => {
    const separator = name.lastIndexOf('-');
    return `${name.slice(0, separator)} ${name.slice(separator + 1)} ${offset}`;
  },
  decode: line => {
    const match = /^(\S+)\s+(\d{1,10})\s+(\d{1,19})$/.exec(line);
    return match === null ? undefined : [`${match[1]}-${Number(match[2])}`, asOffset(BigInt(match[3]!))];
  },
};

/** What a checkpoint needs from outside. */
export interface CheckpointServices {
  readonly disk: Disk;
  readonly logger: Logger;
}

/** One of the offset files of a log directory. */
export class OffsetCheckpoint {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #collect: (stored: PartitionOffsets) => PartitionOffsets;
  /** What the file has for certain. */
  #stored: PartitionOffsets;
  /** What it may have, too: what is being written. */
  #beingStored: PartitionOffsets | undefined;
  readonly #store = new SharedTask(() => this.#write());

  /**
   * Reads the file. One that can't be read counts as empty, and is told of: what it had can be found out without it,
   * or is lost.
   * @param collect gives what the file should have, from what it has
   * @throws {DiskError}
   */
  constructor(
    { disk, logger }: CheckpointServices,
    path: string,
    collect: (stored: PartitionOffsets) => PartitionOffsets,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#collect = collect;
    const entries = readCheckpoint(disk, path, OFFSET_FORMAT);
    if (failed(entries)) {
      logger.error('a checkpoint file can not be read and counts as empty', { problem: entries.message });
    }
    this.#stored = new Map(failed(entries) ? [] : entries);
  }

  /** What the file has for a partition; undefined when it has nothing. */
  get(name: string): Offset | undefined {
    return this.#stored.get(name);
  }

  /** The largest offset that the file may have for a partition after a crash; undefined when it has none. */
  largest(name: string): Offset | undefined {
    const stored = this.#stored.get(name);
    const beingStored = this.#beingStored?.get(name);
    return stored === undefined || beingStored === undefined
      ? (stored ?? beingStored)
      : maxOffset(stored, beingStored);
  }

  /**
   * Brings the file up to date with what holds now, durably; nothing is written when nothing has changed.
   * @throws {DiskError}
   */
  store(): Promise<void> {
    return this.#store.run();
  }

  async #write(): Promise<void> {
    const offsets = this.#collect(this.#stored);
    if (isSame(offsets, this.#stored)) return;
    this.#beingStored = offsets;
    await writeCheckpoint(this.#disk, this.#path, OFFSET_FORMAT, [...offsets]);
    this.#stored = offsets;
    this.#beingStored = undefined;
  }
}

function isSame(left: PartitionOffsets, right: PartitionOffsets): boolean {
  if (left.size !== right.size) return false;
  for (const [name, offset] of left) if (right.get(name) !== offset) return false;
  return true;
}
