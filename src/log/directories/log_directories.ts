import { assert } from '../../model/assert.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asBrokerEpoch, type BrokerEpoch, type Uuid } from '../../model/ids.ts';
import type { DirectorySpace, DiskError } from '../../model/ports.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import { markFailedSync } from '../failed_sync_mark.ts';
import type { LogConfig } from '../log_config.ts';
import type { LogServices } from '../log_types.ts';
import type { PartitionLog } from '../partition_log.ts';
import { LogCleaner } from './log_cleaner.ts';
import { type LogDirectory, METADATA_LOG } from './log_directory.ts';
import type { LogIdentity } from './log_placement.ts';
import { type AssignedTopicId, LogTable } from './log_table.ts';
import { LogUpkeep } from './log_upkeep.ts';
import { NodeIdentity } from './node_identity.ts';
import { Pace } from './pace.ts';
import { partitionName } from './partition_name.ts';
import { normalizePath, type TakenDirectories, takeDirectories } from './take_directories.ts';
import { TaskSlots } from './task_slots.ts';

export interface LogDirectoriesOptions {
  /** Asked for the settings in force whenever they matter. */
  readonly settings: { readonly current: BrokerSettings };
  /**
   * A log directory failed, and all logs in it with it: they answer KAFKA_STORAGE_ERROR. Called once for each that
   * fails after the start.
   * @param directory its path
   */
  readonly directoryFailed: (directory: string, failure: Failure) => void;
  /** The broker must stop: no log directory is left, or that of the metadata log failed. */
  readonly fatal: (failure: Failure) => void;
}

/** A log directory, as DescribeLogDirs shows it. */
export interface LogDirectoryDescription {
  /** From the root on. */
  readonly path: string;
  /** Undefined when it could never be read. */
  readonly directoryId: Uuid | undefined;
  /** Why it is offline. */
  readonly failure: Failure | undefined;
  /** Whether it takes no new logs. */
  readonly isCordoned: boolean;
  /** Undefined when it is offline. */
  readonly space: DirectorySpace | undefined;
  /** Those that are open. */
  readonly logs: readonly PartitionLog[];
}

/** What became of the logs at the end. */
export interface CloseReport {
  /** The logs that could not be closed in order; their directories are checked at the next start. */
  readonly unclosed: readonly { readonly name: string; readonly failure: Failure }[];
  /** Whether the next start finds every directory as a broker leaves it that closed all of its logs. */
  readonly isClean: boolean;
}

/** Logs of one directory that are closed at the same time. */
const CLOSED_AT_ONCE = 16;
const UNKNOWN_BROKER_EPOCH = asBrokerEpoch(-1n);

/**
 * The logs of a node's replicas, in the directories of `log.dirs`.
 *
 * The start reads whose a directory is, what logs are in it and what is stored of them, and opens none: each is opened,
 * and checked if the last end was not clean, when it is asked for. The broker does that as soon as the metadata has
 * told it which logs it has and how they are configured.
 *
 *     open → closed   close(), which is due even if the broker does not come to run
 */
export class LogDirectories {
  readonly #services: LogServices;
  readonly #options: LogDirectoriesOptions;
  /** Those of `log.dirs`, in their order. */
  readonly #directories: readonly LogDirectory[];
  readonly #forMetadata: LogDirectory;
  readonly #table: LogTable;
  readonly #upkeep: LogUpkeep;
  readonly #cleaner: LogCleaner;
  #clearing: Promise<unknown> | undefined;
  #isClosing = false;
  /** For the quorum: which node of which cluster this is. */
  readonly identity: NodeIdentity;

  private constructor(
    services: LogServices,
    options: LogDirectoriesOptions,
    { forLogs, forMetadata }: TakenDirectories,
  ) {
    const pace = new Pace(services.clock);
    const { settings } = options;
    this.#services = services;
    this.#options = options;
    this.#directories = forLogs;
    this.#forMetadata = forMetadata;
    this.#table = new LogTable(services, { settings, directories: forLogs, pace });
    this.#upkeep = new LogUpkeep({ ...services, settings, directories: forLogs, pace });
    this.#cleaner = new LogCleaner({ ...services, settings, directories: forLogs, pace });
    this.identity = new NodeIdentity(settings.current.nodeId, forMetadata, this.#all);
  }

  get #all(): readonly LogDirectory[] {
    return [...new Set([this.#forMetadata, ...this.#directories])];
  }

  /**
   * Takes the directories for this process. Those that can't be used are offline, as long as there are others.
   * @returns why the broker can't start: another process has one of them, they are not this node's, none can be used,
   *   or not that of the metadata log
   */
  static async open(
    services: LogServices,
    options: LogDirectoriesOptions,
  ): Promise<LogDirectories | Failure> {
    const { nodeId, logDirs, metadataLogDir } = options.settings.current;
    let opened: LogDirectories | undefined;
    const taken = await takeDirectories(services, {
      nodeId,
      logDirs,
      metadataLogDir,
      failed: (directory, failure) => {
        if (opened !== undefined) opened.#failed(directory, failure);
      },
    });
    if (failed(taken)) return taken;
    opened = new LogDirectories(services, options, taken);
    return opened;
  }

  /** Begins what is done to the logs from time to time, and what an earlier process left to be done. */
  start(): void {
    this.#table.start();
    this.#upkeep.start();
    this.#cleaner.start();
  }

  #failed(directory: LogDirectory, failure: Failure): void {
    for (const log of directory.logs.values()) log.directoryFailed(failure);
    const hasMetadata = directory === this.#forMetadata;
    // It goes on until the process has ended.
    if (hasMetadata) markFailedSync(this.#services.disk, directory.pathOf(METADATA_LOG));
    const isFatal = hasMetadata || this.#directories.every(({ isOnline }) => !isOnline);
    // Whoever hears of it may do anything, and a log that noticed it is in the midst of something.
    void Promise.resolve().then(() => {
      this.#options.directoryFailed(directory.path, failure);
      if (isFatal && !this.#isClosing) this.#options.fatal(failure);
    });
  }

  /** The disk failed under files of others in one of the directories: of the metadata log. */
  diskFailed(directory: string, error: DiskError): void {
    this.#all.find(({ path }) => path === normalizePath(directory))?.fail(error);
  }

  /** The path of the metadata log's directory. */
  get metadataDirectory(): string {
    return this.#forMetadata.path;
  }

  /**
   * The epoch that the broker had when it last ended, if it closed all logs then, no directory is missing, and no log
   * that was opened since has lost records; else -1 (KIP-966).
   */
  get previousBrokerEpoch(): BrokerEpoch {
    const epochs = this.#directories.map(each => (each.isOnline ? each.previousBrokerEpoch : undefined));
    return epochs.every(epoch => epoch === epochs[0])
      ? (epochs[0] ?? UNKNOWN_BROKER_EPOCH)
      : UNKNOWN_BROKER_EPOCH;
  }

  /** Of the open logs, those that have all that was acknowledged of them before the start. */
  *wholeLogs(): Iterable<PartitionLog> {
    for (const { logs, wholeLogs } of this.#directories) {
      for (const log of logs.values()) if (wholeLogs.has(log) && log.failure === undefined) yield log;
    }
  }

  /** The cluster knows from now on which logs are whole. Resolves when nothing on the disks says otherwise. */
  async registered(): Promise<void> {
    this.#clearing = Promise.all(this.#directories.map(directory => directory.registered()));
    await this.#clearing;
  }

  /** The ids of the directories that have failed since the start. */
  get offlineDirectoryIds(): readonly Uuid[] {
    return this.#directories.flatMap(({ isOnline, id }) => (isOnline || id === undefined ? [] : [id]));
  }

  /** The ids of the log directories that can be used. */
  get onlineDirectoryIds(): readonly Uuid[] {
    return this.#directories.flatMap(({ isOnline, id }) => (isOnline && id !== undefined ? [id] : []));
  }

  /** The id of the log directory that a log is in. */
  directoryIdOf({ directory }: PartitionLog): Uuid | undefined {
    return this.#directoryOf(directory)?.id;
  }

  #directoryOf(logDirectory: string): LogDirectory | undefined {
    const path = logDirectory.slice(0, logDirectory.lastIndexOf('/'));
    return this.#directories.find(each => each.path === path);
  }

  /** The logs that are open. */
  *logs(): Iterable<PartitionLog> {
    for (const { logs } of this.#directories) yield* logs.values();
  }

  /**
   * The partition's log, made when there is none. A log of another topic of that name, which was there at the start and
   * not asked for, is set aside: the topic must have been deleted since.
   * @returns KAFKA_STORAGE_ERROR when it can't be opened, its directory is offline, or it may be in one that is;
   *   INCONSISTENT_TOPIC_ID when the log of that name is another topic's and in use
   */
  openLog(identity: LogIdentity, config: LogConfig): Promise<PartitionLog | Failure> {
    return this.#table.open(identity, config);
  }

  /**
   * Deletes the partition's log: it is gone at once, and its files follow after `file.delete.delay.ms`. Nothing happens
   * when there is none of this topic.
   * @returns KAFKA_STORAGE_ERROR when its directory fails, or it may be in one that is offline
   */
  deleteLog(identity: LogIdentity): Promise<Failure | undefined> {
    return this.#table.delete(identity);
  }

  /**
   * Sets the logs aside, as `-stray`, that were found at the start and that the metadata does not have on this broker.
   * To be called when the metadata is loaded.
   */
  setAsideStrays(assignedTopicId: AssignedTopicId): Promise<void> {
    return this.#table.setAsideStrays(assignedTopicId);
  }

  /**
   * Makes a log's start durable: what is below stays deleted. To be waited for before a deletion of records is
   * acknowledged.
   */
  async storeLogStart(log: PartitionLog): Promise<Failure | undefined> {
    const directory = this.#directoryOf(log.directory);
    assert(directory !== undefined, `${log.directory} is in no log directory`);
    const name = partitionName(log.topic, log.partition);
    const stored = await directory.attempt(() => directory.offsets.storeLogStart(name, log));
    return failed(stored) ? stored : log.failure;
  }

  describe(): readonly LogDirectoryDescription[] {
    const cordoned = new Set(this.#options.settings.current.cordonedLogDirs.map(normalizePath));
    return this.#directories.map(directory => {
      const { path, id, failure, logs } = directory;
      return {
        path: this.#services.disk.absolutePath(path),
        directoryId: id,
        failure,
        isCordoned: cordoned.has(path),
        space: directory.space(),
        logs: failure === undefined ? [...logs.values()] : [],
      };
    });
  }

  /**
   * Closes all logs, notes that they were, and lets the directories go.
   * @param brokerEpoch of the broker's registration; -1 when it had none
   */
  async close({ brokerEpoch }: { readonly brokerEpoch: BrokerEpoch }): Promise<CloseReport> {
    this.#isClosing = true;
    await this.#cleaner.stop();
    await this.#upkeep.stop();
    await this.#table.stop();
    await this.#clearing;
    const unclosed: { name: string; failure: Failure }[] = [];
    const closed = this.#directories.map(async directory => {
      unclosed.push(...(await closeLogs(directory)));
      return directory.markClosed(brokerEpoch);
    });
    const marked = await Promise.all(closed);
    for (const directory of this.#all) directory.release();
    for (const { name, failure } of unclosed) {
      this.#services.logger.error('a log could not be closed', { log: name, error: failure.toString() });
    }
    return { unclosed, isClean: marked.every(isMarked => isMarked) };
  }
}

async function closeLogs(directory: LogDirectory): Promise<{ name: string; failure: Failure }[]> {
  const slots = new TaskSlots(() => CLOSED_AT_ONCE);
  const unclosed: { name: string; failure: Failure }[] = [];
  const close = async (name: string, log: PartitionLog): Promise<void> => {
    const failure = await slots.run(() => directory.offsets.settled(name, () => log.close()));
    if (failed(failure)) unclosed.push({ name, failure });
  };
  await Promise.all([...directory.logs].map(([name, log]) => close(name, log)));
  if (unclosed.length > 0) directory.hasUncheckedLogs = true;
  return unclosed;
}
