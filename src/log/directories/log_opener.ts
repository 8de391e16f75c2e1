import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { Uuid } from '../../model/ids.ts';
import type { DiskError } from '../../model/ports.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import { topicSettings } from '../../settings/topic_settings.ts';
import { markIncomplete } from '../incomplete_mark.ts';
import type { LogConfig } from '../log_config.ts';
import type { LogOwner, LogServices, OpenLogOptions } from '../log_types.ts';
import { PartitionLog } from '../partition_log.ts';
import type { StoredOffsets } from './directory_offsets.ts';
import { LoadProgress } from './load_progress.ts';
import type { LogDirectory } from './log_directory.ts';
import type { Pace } from './pace.ts';
import { type PartitionDirectoryName, parsePartitionDirectory } from './partition_name.ts';
import { TaskSlots } from './task_slots.ts';

/**
 * What the system says to names and rights in one log's directory: the log can't be opened, and the disk is good. All
 * else is the disk's, and of the whole log directory.
 */
const PROBLEMS_OF_ONE_LOG: ReadonlySet<string> = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
]);

interface Lane {
  readonly slots: TaskSlots;
  readonly progress: LoadProgress;
}

export interface LogToOpen {
  /** `topic-index` */
  readonly name: string;
  readonly partition: PartitionDirectoryName;
  readonly topicId: Uuid;
  readonly config: LogConfig;
}

/** Opens logs, a few of a directory at a time. */
export class LogOpener {
  readonly #services: LogServices;
  readonly #settings: { readonly current: BrokerSettings };
  readonly #pace: Pace;
  readonly #lanes = new Map<LogDirectory, Lane>();
  #isStopped = false;

  constructor(services: LogServices, settings: { readonly current: BrokerSettings }, pace: Pace) {
    this.#services = services;
    this.#settings = settings;
    this.#pace = pace;
  }

  /**
   * Opens a log that was found in the directory, or makes it there.
   * @returns INCONSISTENT_TOPIC_ID when what was found is of another topic; KAFKA_STORAGE_ERROR
   */
  async open(directory: LogDirectory, log: LogToOpen): Promise<PartitionLog | Failure> {
    const { slots, progress } = this.#lane(directory);
    progress.began();
    const opened = await slots.run(() => this.#open(directory, log));
    progress.ended(failed(opened) ? undefined : opened);
    return opened;
  }

  #lane(directory: LogDirectory): Lane {
    let lane = this.#lanes.get(directory);
    if (lane === undefined) {
      const { clock, logger } = this.#services;
      lane = {
        slots: new TaskSlots(() => this.#settings.current.numRecoveryThreadsPerDataDir),
        progress: new LoadProgress(clock, logger.with({ directory: directory.path })),
      };
      this.#lanes.set(directory, lane);
    }
    return lane;
  }

  async #open(
    directory: LogDirectory,
    { name, partition, topicId, config }: LogToOpen,
  ): Promise<PartitionLog | Failure> {
    await this.#pace.turn();
    if (this.#isStopped) {
      return new Failure(
        Errors.KAFKA_STORAGE_ERROR,
        `The log ${name} is not opened: the broker is shutting down`,
      );
    }
    const { offsets, found } = directory;
    const isNew = !found.has(name);
    const stored = offsets.of(name);
    if (isNew) {
      const failure = await directory.attempt(() => offsets.forget(name));
      if (failure !== undefined) return failure;
    }
    const log = await this.#load(directory, {
      ...offsets.of(name),
      directory: directory.pathOf(name),
      topic: partition.topic,
      partition: partition.index,
      topicId,
      config,
      isClean: directory.wasClosed && !isNew,
    });
    if (failed(log)) return log;
    if (directory.wasClosed && log.recoveryReport.reason !== undefined) directory.hasDamagedLogs = true;
    const failure = await directory.attempt(async () => {
      await this.#judge(directory, log, stored);
      // What is stored of a log that lost its end would hold for what is written there next.
      await offsets.bound(name, log.endOffset);
      return undefined;
    });
    if (failure !== undefined) {
      log.directoryFailed(failure);
      return failure;
    }
    found.delete(name);
    directory.logs.set(name, log);
    return log;
  }

  /** Notes whether the log is whole. @param stored what was stored of it at the start @throws {DiskError} */
  async #judge(directory: LogDirectory, log: PartitionLog, stored: StoredOffsets): Promise<void> {
    const { incompleteLogs, wholeLogs, isMade } = directory;
    // The cluster does not have its replicas in a directory that is new.
    if (incompleteLogs === undefined || isMade) return;
    if (!log.isMarkedIncomplete && isWhole(log, stored, directory)) {
      wholeLogs.add(log);
      return;
    }
    incompleteLogs.add(log);
    if (!log.isMarkedIncomplete) await markIncomplete(this.#services.disk, log.directory);
  }

  async #load(
    directory: LogDirectory,
    options: Omit<OpenLogOptions, 'owner' | 'producerIdExpirationMs'>,
  ): Promise<PartitionLog | Failure> {
    let isOpening = true;
    let problem: DiskError | undefined;
    const name = options.directory.slice(directory.path.length + 1);
    const owner: LogOwner = {
      diskFailed: error => {
        if (isOpening) problem = error;
        else directory.fail(error);
      },
      lowerRecoveryPoint: offset => directory.offsets.lower(name, offset),
    };
    const { producerIdExpirationMs } = this.#settings.current;
    const log = await PartitionLog.open(this.#services, { ...options, producerIdExpirationMs, owner });
    isOpening = false;
    if (!failed(log)) {
      if (problem !== undefined) directory.fail(problem);
      return log;
    }
    if (log.code === Errors.KAFKA_STORAGE_ERROR) directory.hasUncheckedLogs = true;
    if (problem === undefined || PROBLEMS_OF_ONE_LOG.has(problem.code)) return log;
    return directory.fail(problem);
  }

  /**
   * Checks a stray log, or a copy on its way to another directory, after an end that was not clean: so that whoever
   * takes it up again finds it whole.
   */
  async checkAside(directory: LogDirectory, name: string): Promise<void> {
    const { topic, index } = parsePartitionDirectory(name)!;
    const { current } = this.#settings;
    const log = await this.#lane(directory).slots.run(() =>
      this.#load(directory, {
        ...directory.offsets.of(name),
        directory: directory.pathOf(name),
        topic,
        partition: index,
        config: topicSettings(current, new Map()),
        isClean: false,
      }),
    );
    if (!failed(log) && !failed(await log.close())) directory.asides.delete(name);
  }

  /** Opens nothing more but what is being opened. */
  stop(): void {
    this.#isStopped = true;
    for (const { progress } of this.#lanes.values()) progress.stop();
  }
}

/**
 * Whether a log has all that was acknowledged of it. What was acknowledged had been synced, without write caching; so
 * after a crash only the end can be torn, behind all that was known to be committed. A check that cuts more has come
 * upon damage. A log that is not there and that nothing is stored of had not been made when the process ended.
 */
function isWhole(
  { config, endOffset, recoveryReport }: PartitionLog,
  { highWatermark, recoveryPoint }: StoredOffsets,
  { wasClosed }: LogDirectory,
): boolean {
  if (endOffset < highWatermark || endOffset < recoveryPoint) return false;
  return wasClosed ? recoveryReport.reason === undefined : !config.writeCaching;
}
