import { failed } from '../../model/failure.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import type { PartitionLog } from '../partition_log.ts';
import type { LogDirectory } from './log_directory.ts';
import { OffsetFile } from './offset_checkpoint.ts';
import type { Pace } from './pace.ts';
import { RepeatedTask } from './repeated_task.ts';

export interface LogUpkeepOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: { readonly current: BrokerSettings };
  readonly pace: Pace;
  readonly directories: readonly LogDirectory[];
}

/** What is done to all logs from time to time: checkpoints, and the deletion of what is too old. */
export class LogUpkeep {
  readonly #options: LogUpkeepOptions;
  #tasks: readonly RepeatedTask[] = [];
  #isStopping = false;

  constructor(options: LogUpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    const { settings } = this.#options;
    const initialMs = settings.current.logInitialTaskDelayMs;
    const repeat = (
      setting: keyof BrokerSettings & `${string}IntervalMs`,
      task: () => Promise<void>,
      delayMs = initialMs,
    ): RepeatedTask => {
      const intervalMs = (): number => settings.current[setting] as number;
      return new RepeatedTask({ clock: this.#options.clock, delayMs, intervalMs, task });
    };
    this.#tasks = [
      repeat('logFlushOffsetCheckpointIntervalMs', () => this.checkpoint()),
      repeat('logFlushStartOffsetCheckpointIntervalMs', () => this.#store(OffsetFile.logStarts)),
      repeat(
        'replicaHighWatermarkCheckpointIntervalMs',
        () => this.#store(OffsetFile.highWatermarks),
        settings.current.replicaHighWatermarkCheckpointIntervalMs,
      ),
      repeat('logRetentionCheckIntervalMs', () => this.deleteOldSegments()),
      repeat('producerIdExpirationCheckIntervalMs', () => this.#expireProducers()),
    ];
  }

  /** Moves the logs' recovery points, and stores them. */
  async checkpoint(): Promise<void> {
    await this.#eachLog(async (log, directory, name) => {
      await directory.offsets.settled(name, () => log.checkpoint());
    });
    await this.#store(OffsetFile.recoveryPoints);
  }

  async #store(file: OffsetFile): Promise<void> {
    for (const directory of this.#options.directories) {
      if (directory.isOnline) await directory.attempt(() => directory.offsets.store(file));
    }
  }

  /** Deletes segments as the topics' retention says. */
  async deleteOldSegments(): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    let segments = 0;
    await this.#eachLog(async log => {
      const deleted = await log.deleteOldSegments();
      if (!failed(deleted)) segments += deleted;
    });
    if (segments === 0) return;
    const durationMs = Math.round(this.#options.clock.monotonicMs() - startedMs);
    this.#options.logger.info('deleted old segments', { segments, durationMs });
  }

  async #expireProducers(): Promise<void> {
    await this.#eachLog(async log => {
      log.expireProducers();
    });
  }

  async #eachLog(
    task: (log: PartitionLog, directory: LogDirectory, name: string) => Promise<void>,
  ): Promise<void> {
    for (const directory of this.#options.directories) {
      for (const [name, log] of [...directory.logs]) {
        await this.#options.pace.turn();
        if (this.#isStopping || !directory.isOnline) break;
        if (log.failure === undefined) await task(log, directory, name);
      }
    }
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#tasks.map(task => task.stop()));
  }
}
