import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { PartitionIndex, Uuid } from '../../model/ids.ts';
import { randomUuid } from '../../model/uuid.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import type { LogConfig } from '../log_config.ts';
import type { LogServices } from '../log_types.ts';
import type { PartitionLog } from '../partition_log.ts';
import { findTopicId } from '../partition_metadata.ts';
import { DirectoryRemoval } from './directory_removal.ts';
import { KeyedTasks } from './keyed_tasks.ts';
import type { LogDirectory } from './log_directory.ts';
import { LogOpener } from './log_opener.ts';
import { type LogIdentity, placeLog } from './log_placement.ts';
import type { Pace } from './pace.ts';
import { partitionName } from './partition_name.ts';
import { normalizePath } from './take_directories.ts';

/** What the metadata says of this broker's replicas: the id of the topic, undefined when it has no such replica. */
export type AssignedTopicId = (topic: string, index: PartitionIndex) => Uuid | undefined;

export interface LogTableOptions {
  readonly settings: { readonly current: BrokerSettings };
  readonly directories: readonly LogDirectory[];
  readonly pace: Pace;
}

/** Which log is in which directory: opens them, makes them, takes them away. */
export class LogTable {
  readonly #services: LogServices;
  readonly #options: LogTableOptions;
  readonly #directories: readonly LogDirectory[];
  readonly #opener: LogOpener;
  readonly #removal: DirectoryRemoval;
  /** What is done to the logs of each name. */
  readonly #tasks = new KeyedTasks();
  #isClosing = false;

  constructor(services: LogServices, options: LogTableOptions) {
    const { settings, directories, pace } = options;
    this.#services = services;
    this.#options = options;
    this.#directories = directories;
    this.#opener = new LogOpener(services, settings, pace);
    this.#removal = new DirectoryRemoval(services, pace);
  }

  /** Begins what an earlier process left to be done. */
  start(): void {
    for (const directory of this.#directories) {
      for (const name of directory.deleted) this.#removal.schedule(directory, name, 0);
      if (!directory.wasClosed) void this.#checkAsides(directory);
    }
  }

  async #checkAsides(directory: LogDirectory): Promise<void> {
    for (const name of [...directory.asides]) {
      await this.#tasks.run(name, async () => {
        const isDue = !this.#isClosing && directory.isOnline && directory.asides.has(name);
        if (isDue) await this.#opener.checkAside(directory, name);
      });
    }
  }

  /** Opens nothing more; resolves when nothing is done to any log. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    this.#opener.stop();
    await this.#tasks.settled();
    await this.#removal.stop();
  }

  /** See LogDirectories. */
  open(identity: LogIdentity, config: LogConfig): Promise<PartitionLog | Failure> {
    const name = partitionName(identity.topic, identity.index);
    return this.#tasks.run(name, () => this.#open(name, identity, config));
  }

  async #open(name: string, identity: LogIdentity, config: LogConfig): Promise<PartitionLog | Failure> {
    for (;;) {
      const open = this.#online(directory => directory.logs.has(name))[0]?.logs.get(name);
      if (open !== undefined) return reuse(open, identity, config);
      const directory = await this.#directoryFor(name, identity);
      if (failed(directory)) return directory;
      const { topic, topicId, index } = identity;
      const partition = { kind: 'log', topic, index } as const;
      const log = await this.#opener.open(directory, { name, partition, topicId, config });
      directory.making.delete(name);
      if (!failed(log) || log.code !== Errors.INCONSISTENT_TOPIC_ID) return log;
      const failure = await this.#setAside(directory, name, log.message);
      if (failure !== undefined) return failure;
    }
  }

  #online(condition: (directory: LogDirectory) => boolean): LogDirectory[] {
    return this.#directories.filter(directory => directory.isOnline && condition(directory));
  }

  /** Where the log is, or is to be made. */
  async #directoryFor(name: string, identity: LogIdentity): Promise<LogDirectory | Failure> {
    const found = this.#online(directory => directory.found.has(name));
    if (found.length > 1) return this.#chooseAmong(found, name, identity);
    if (found[0] !== undefined) return found[0];
    const { topicId } = identity;
    const lost = this.#directories.find(each => !each.isOnline && hadLog(each, name, topicId));
    if (lost?.failure !== undefined) return lost.failure;
    const cordoned = new Set(this.#options.settings.current.cordonedLogDirs.map(normalizePath));
    const directory = placeLog(identity, this.#directories, cordoned);
    if (!failed(directory)) directory.making.add(name);
    return directory;
  }

  /** Logs of the name are in several directories: the one that the metadata names counts, or the topic's. */
  async #chooseAmong(
    found: readonly LogDirectory[],
    name: string,
    { topicId, directoryId }: LogIdentity,
  ): Promise<LogDirectory | Failure> {
    const named = found.filter(({ id }) => id !== undefined && id === directoryId);
    const chosen = named.length > 0 ? named : await this.#ofTopic(found, name, topicId);
    if (chosen.length > 1) {
      const paths = chosen.map(({ path }) => path).join(' and ');
      return new Failure(
        Errors.KAFKA_STORAGE_ERROR,
        `The log ${name} is in ${paths}: remove it from the one that failed last, and start the broker again`,
      );
    }
    for (const directory of found) {
      if (chosen.includes(directory)) continue;
      const failure = await this.#setAside(directory, name, 'another directory has the log');
      if (failure !== undefined) return failure;
    }
    return chosen[0] ?? found[0]!;
  }

  async #ofTopic(found: readonly LogDirectory[], name: string, topicId: Uuid): Promise<LogDirectory[]> {
    const ofTopic: LogDirectory[] = [];
    for (const directory of found) {
      const stored = await directory.attempt(() => this.#topicIdIn(directory, name));
      if (stored === topicId) ofTopic.push(directory);
    }
    return ofTopic;
  }

  #topicIdIn(directory: LogDirectory, name: string): Uuid | undefined {
    const stored = findTopicId(this.#services.disk, directory.pathOf(name), undefined);
    return failed(stored) ? undefined : stored.id;
  }

  async #setAside(directory: LogDirectory, name: string, why: string): Promise<Failure | undefined> {
    const uuid = randomUuid(this.#services.random);
    const aside = await directory.attempt(() => directory.putAside(name, 'stray', uuid));
    if (failed(aside)) return aside;
    this.#services.logger.warn('set a stray log aside', { path: directory.pathOf(aside), why });
    return undefined;
  }

  /** See LogDirectories. */
  async setAsideStrays(assignedTopicId: AssignedTopicId): Promise<void> {
    const asides: Promise<unknown>[] = [];
    for (const directory of this.#online(() => true)) {
      for (const [name, { topic, index }] of directory.found) {
        if (assignedTopicId(topic, index) !== undefined) continue;
        asides.push(
          this.#tasks.run(name, async () => {
            if (directory.found.has(name)) await this.#setAside(directory, name, 'no metadata knows of it');
          }),
        );
      }
    }
    await Promise.all(asides);
    for (const directory of this.#online(({ wasClosed }) => !wasClosed)) void this.#checkAsides(directory);
  }

  /** See LogDirectories. */
  delete({ topic, index, topicId }: LogIdentity): Promise<Failure | undefined> {
    const name = partitionName(topic, index);
    return this.#tasks.run(name, () => this.#delete(name, topicId));
  }

  async #delete(name: string, topicId: Uuid): Promise<Failure | undefined> {
    for (const directory of this.#online(each => each.hasLog(name))) {
      const log = directory.logs.get(name);
      const stored = await directory.attempt(() =>
        log === undefined ? this.#topicIdIn(directory, name) : log.topicId,
      );
      if (stored !== topicId) continue;
      directory.logs.delete(name);
      await log?.discard();
      return this.#remove(directory, name, log?.config.fileDeleteDelayMs ?? 0);
    }
    const offline = this.#directories.find(directory => !directory.isOnline);
    if (offline === undefined) return undefined;
    return new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `The log of ${name} can not be deleted: it may be in the log directory ${offline.path}, which is offline`,
    );
  }

  async #remove(directory: LogDirectory, name: string, delayMs: number): Promise<Failure | undefined> {
    const uuid = randomUuid(this.#services.random);
    const aside = await directory.attempt(() => directory.putAside(name, 'delete', uuid));
    if (failed(aside)) return aside;
    this.#removal.schedule(directory, aside, delayMs);
    this.#services.logger.info('deleted a log', { path: directory.pathOf(aside) });
    return undefined;
  }
}

function reuse(log: PartitionLog, { topicId }: LogIdentity, config: LogConfig): PartitionLog | Failure {
  if (log.topicId !== topicId) {
    return new Failure(
      Errors.INCONSISTENT_TOPIC_ID,
      `The log in ${log.directory} is of the topic with id ${log.topicId}, and in use: it must be deleted before one of the topic with id ${topicId} is made`,
    );
  }
  log.updateConfig(config);
  return log.failure ?? log;
}

/** Whether a directory that is offline had the log when it failed, as far as is known. */
function hadLog({ logs, found }: LogDirectory, name: string, topicId: Uuid): boolean {
  const log = logs.get(name);
  return log === undefined ? found.has(name) : log.topicId === topicId;
}
