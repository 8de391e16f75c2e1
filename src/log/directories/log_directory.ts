import { assert } from '../../model/assert.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { BrokerEpoch, Uuid } from '../../model/ids.ts';
import {
  type DirectoryLock,
  type DirectorySpace,
  type Disk,
  DiskError,
  type Logger,
} from '../../model/ports.ts';
import { readText, writeFileDurably } from '../checkpoint_file.ts';
import { clearIncomplete } from '../incomplete_mark.ts';
import type { PartitionLog } from '../partition_log.ts';
import { type CleanShutdown, takeCleanShutdown, writeCleanShutdown } from './clean_shutdown_file.ts';
import { DirectoryOffsets } from './directory_offsets.ts';
import {
  formatMetaProperties,
  META_PROPERTIES_FILE,
  type MetaProperties,
  parseMetaProperties,
} from './meta_properties.ts';
import { asideName, type PartitionDirectoryName, parsePartitionDirectory } from './partition_name.ts';
import { SharedTask } from './shared_task.ts';

export interface LogDirectoryOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  readonly path: string;
  /** Told once, when the directory can't be used any more. */
  readonly failed: (directory: LogDirectory, failure: Failure) => void;
}

/**
 * One of the directories of `log.dirs`, or that of the metadata log.
 *
 *     online → offline   its disk failed: for as long as the process lives
 */
export class LogDirectory {
  readonly path: string;
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #failed: (directory: LogDirectory, failure: Failure) => void;
  #failure: Failure | undefined;
  #lock: DirectoryLock | undefined;
  #meta: MetaProperties | undefined;
  #isMade = false;
  #cleanShutdown: CleanShutdown | undefined;
  #offsets: DirectoryOffsets | undefined;
  readonly #sync = new SharedTask(() => this.#disk.syncDirectory(this.path));
  /** The logs that are open, by their names. */
  readonly logs = new Map<string, PartitionLog>();
  /** Names of logs that are about to be made. */
  readonly making = new Set<string>();
  /** The logs that were found and not opened yet, by their names. */
  readonly found = new Map<string, PartitionDirectoryName>();
  /**
   * Names of directories of stray logs, and of copies on their way to another directory: those that need a check, if
   * the logs do.
   */
  readonly asides = new Set<string>();
  /** Names of directories of logs that were deleted. */
  readonly deleted = new Set<string>();
  /** Whether a log of the directory could not be opened or closed: it needs a check at the next start. */
  hasUncheckedLogs = false;
  /** Whether a log had lost records since a broker closed it: its disk did not keep them. */
  hasDamagedLogs = false;
  /**
   * The open logs that may lack records which were acknowledged before the start; undefined once the cluster knows
   * which these are. While it does not, each has its mark.
   */
  incompleteLogs: Set<PartitionLog> | undefined = new Set();
  /** Those that have all that was acknowledged of them before the start. */
  readonly wholeLogs = new WeakSet<PartitionLog>();

  constructor({ disk, logger, path, failed }: LogDirectoryOptions) {
    this.#disk = disk;
    this.#logger = logger.with({ directory: path });
    this.path = path;
    this.#failed = failed;
  }

  /** Why the directory can't be used; undefined when it can. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isOnline(): boolean {
    return this.#failure === undefined;
  }

  /** What `meta.properties` has; undefined when there is none yet, or it could not be read. */
  get meta(): MetaProperties | undefined {
    return this.#meta;
  }

  get id(): Uuid | undefined {
    return this.#meta?.directoryId;
  }

  /** Whether the directory was made at this start: it has an id that the cluster does not know. */
  get isMade(): boolean {
    return this.#isMade;
  }

  get offsets(): DirectoryOffsets {
    assert(this.#offsets !== undefined, `the logs of ${this.path} are used before they were looked for`);
    return this.#offsets;
  }

  /** Whether the broker that had the directory before closed all of its logs. */
  get wasClosed(): boolean {
    return this.#cleanShutdown !== undefined;
  }

  /** The epoch of the broker that closed the directory, if it did and said so, and all that it closed is there. */
  get previousBrokerEpoch(): BrokerEpoch | undefined {
    return this.hasDamagedLogs ? undefined : this.#cleanShutdown?.brokerEpoch;
  }

  hasLog(name: string): boolean {
    return this.logs.has(name) || this.found.has(name);
  }

  /**
   * Does something with the directory's files. An error of the disk takes the directory offline.
   * @returns KAFKA_STORAGE_ERROR, then and when it is offline already
   */
  async attempt<T>(task: () => T | Promise<T>): Promise<T | Failure> {
    if (this.#failure !== undefined) return this.#failure;
    try {
      return await task();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** The disk failed: the directory goes offline, for good. Other errors are ours, and go on. */
  fail(error: unknown): Failure {
    if (!(error instanceof DiskError)) throw error;
    if (this.#failure !== undefined) return this.#failure;
    const failure = new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `The log directory ${this.path} failed: ${error.message}. Check its disk, and start the broker again.`,
    );
    this.#failure = failure;
    this.#logger.error('a log directory failed', {
      code: error.code,
      path: error.path,
      error: error.message,
    });
    this.release();
    this.#failed(this, failure);
    return failure;
  }

  /**
   * Makes the directory if it is not there, takes it for this process, and reads whose it is. Offline when that fails.
   * @returns why the broker must not start: another process has the directory, or its `meta.properties` is malformed
   */
  async take(): Promise<Failure | undefined> {
    const taken = await this.attempt(async (): Promise<Failure | undefined> => {
      await this.#make();
      this.#lock = this.#disk.lockDirectory(this.path);
      if (this.#lock === undefined) {
        return new Failure(
          Errors.KAFKA_STORAGE_ERROR,
          `The log directory ${this.path} is in use by another process. Stop that one first, or give this one a directory of its own; if it is named twice in log.dirs, leave one of the names out.`,
        );
      }
      const path = `${this.path}/${META_PROPERTIES_FILE}`;
      const text = readText(this.#disk, path);
      this.#isMade = text === undefined;
      if (text === undefined) return undefined;
      const meta = parseMetaProperties(text, path);
      if (meta instanceof Failure) return meta;
      this.#meta = meta;
      return undefined;
    });
    return taken === this.#failure ? undefined : taken;
  }

  /** Makes the directory with those above it, durably. */
  async #make(): Promise<void> {
    const missing: string[] = [];
    for (let path = this.path; !this.#disk.exists(path) && path !== parentOf(path); path = parentOf(path)) {
      missing.push(path);
    }
    this.#disk.makeDirectory(this.path);
    for (const path of missing) await this.#disk.syncDirectory(parentOf(path));
    // A directory that can't be listed is of no use.
    this.#disk.list(this.path);
  }

  /** Ends the hold on the directory. */
  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** Writes `meta.properties`, durably. */
  async setMeta(meta: MetaProperties): Promise<Failure | undefined> {
    return this.attempt(async () => {
      await writeFileDurably(this.#disk, `${this.path}/${META_PROPERTIES_FILE}`, formatMetaProperties(meta));
      this.#meta = meta;
      return undefined;
    });
  }

  /**
   * Looks what logs there are, and what is stored of them. From here on the next start finds an end that was not
   * clean, unless {@link markClosed} says otherwise.
   */
  async findLogs(): Promise<Failure | undefined> {
    return this.attempt(async () => {
      this.#cleanShutdown = await takeCleanShutdown(this.#disk, this.path);
      for (const name of this.#disk.list(this.path)) this.#note(name);
      const services = { disk: this.#disk, logger: this.#logger };
      this.#offsets = new DirectoryOffsets(services, this.path, this);
      return undefined;
    });
  }

  #note(name: string): void {
    const parsed = parsePartitionDirectory(name);
    // The metadata log is the quorum's, which looks after it itself.
    if (parsed === undefined || isMetadataLog(parsed) || !this.#disk.isDirectory(`${this.path}/${name}`))
      return;
    if (parsed.kind === 'log') this.found.set(name, parsed);
    else if (parsed.kind === 'delete') this.deleted.add(name);
    else {
      this.asides.add(name);
      this.#logger.warn(`found a ${parsed.kind} log, which is left alone`, { name });
    }
  }

  /** The cluster knows which logs are whole: the marks of the others have done what they are for. */
  async registered(): Promise<void> {
    const logs = this.incompleteLogs ?? [];
    this.incompleteLogs = undefined;
    for (const log of logs) {
      if (log.failure === undefined) await this.attempt(() => clearIncomplete(this.#disk, log.directory));
    }
  }

  /** Undefined when it is offline, or goes offline by that. */
  space(): DirectorySpace | undefined {
    if (this.#failure !== undefined) return undefined;
    try {
      return this.#disk.space(this.path);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** The path of a log's directory. */
  pathOf(name: string): string {
    return `${this.path}/${name}`;
  }

  /**
   * Gives a log's directory another name, durably: it is not the log of that name any more. It must not be open.
   * @param uuid a new one
   * @returns the new name
   * @throws {DiskError}
   */
  async putAside(name: string, kind: 'delete' | 'stray', uuid: Uuid): Promise<string> {
    const aside = asideName(name, uuid, kind);
    this.#disk.rename(this.pathOf(name), this.pathOf(aside));
    this.found.delete(name);
    (kind === 'delete' ? this.deleted : this.asides).add(aside);
    await this.#sync.run();
    return aside;
  }

  /**
   * All logs are closed: stores what is to be known of them, and leaves the mark of it if that is true of all.
   * @returns whether the mark is there
   */
  async markClosed(brokerEpoch: BrokerEpoch): Promise<boolean> {
    // What was not opened is as it was.
    const isUnchecked = !this.wasClosed && (this.found.size > 0 || this.asides.size > 0);
    const marked = await this.attempt(async () => {
      await this.offsets.storeAll();
      if (isUnchecked || this.hasUncheckedLogs) return false;
      await writeCleanShutdown(this.#disk, this.path, brokerEpoch);
      return true;
    });
    return marked === true;
  }
}

/** The name of the metadata log's directory; the quorum's, not the broker's. */
export const METADATA_LOG = '__cluster_metadata-0';

function isMetadataLog({ topic, index }: PartitionDirectoryName): boolean {
  return topic === '__cluster_metadata' && index === 0;
}

function parentOf(path: string): string {
  const separator = path.lastIndexOf('/');
  if (separator < 0) return '.';
  return separator === 0 ? '/' : path.slice(0, separator);
}
