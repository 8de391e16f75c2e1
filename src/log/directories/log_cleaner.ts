import { Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import type { Clock, Logger, Random } from '../../model/ports.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import { type Cleanable, cleanableOf } from '../compaction/cleanable.ts';
import { LogCompaction } from '../compaction/log_compaction.ts';
import { SECRET_BYTES } from '../compaction/sip_hash.ts';
import type { PartitionLog } from '../partition_log.ts';
import type { LogDirectory } from './log_directory.ts';
import { OffsetFile } from './offset_checkpoint.ts';
import type { Pace } from './pace.ts';
import { RepeatedTask } from './repeated_task.ts';

export interface LogCleanerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: { readonly current: BrokerSettings };
  readonly pace: Pace;
  readonly directories: readonly LogDirectory[];
}

/** A log that could be compacted. */
interface Candidate {
  readonly log: PartitionLog;
  readonly name: string;
  readonly directory: LogDirectory;
  readonly cleanable: Cleanable;
}

/**
 * Compacts the logs of topics whose `cleanup.policy` has `compact`, one after the other: always the one next of which
 * the largest part was never compacted, as long as that is more than its `min.cleanable.dirty.ratio`.
 */
export class LogCleaner {
  readonly #options: LogCleanerOptions;
  /** Of the hash of keys: nobody outside is to know which keys collide. */
  readonly #secret: Uint8Array;
  /** Logs that could not be compacted: until the broker is started again. */
  readonly #uncleanable = new WeakSet<PartitionLog>();
  #task: RepeatedTask | undefined;
  #isStopping = false;
  /** When what was read and written so far is within the bound, as the monotonic clock counts. */
  #freeMs = 0;

  constructor(options: LogCleanerOptions) {
    this.#options = options;
    this.#secret = options.random.bytes(SECRET_BYTES);
  }

  start(): void {
    const { clock, settings } = this.#options;
    const intervalMs = (): number => settings.current.logCleanerBackoffMs;
    this.#task = new RepeatedTask({ clock, delayMs: intervalMs(), intervalMs, task: () => this.run() });
  }

  /** Compacts until there is nothing left that needs it. */
  async run(): Promise<void> {
    while (!this.#isStopping) {
      const candidate = await this.#next();
      if (candidate === undefined) return;
      await this.#compact(candidate);
    }
  }

  async #next(): Promise<Candidate | undefined> {
    let best: Candidate | undefined;
    for (const directory of this.#options.directories) {
      for (const [name, log] of [...directory.logs]) {
        if (!log.config.cleanupPolicy.compact || this.#uncleanable.has(log)) continue;
        await this.#options.pace.turn();
        const candidate = await this.#look(directory, name, log);
        if (candidate !== undefined && isBefore(candidate, best)) best = candidate;
      }
    }
    return best;
  }

  async #look(directory: LogDirectory, name: string, log: PartitionLog): Promise<Candidate | undefined> {
    if (log.failure !== undefined) return undefined;
    const nowMs = this.#options.clock.nowMs();
    const cleanable = await directory.attempt(() =>
      cleanableOf(log, directory.offsets.cleanedUpTo(name), nowMs),
    );
    if (cleanable === undefined || failed(cleanable)) return undefined;
    const { dirtyRatio, isOverdue } = cleanable;
    const isDue = isOverdue || dirtyRatio > log.config.minCleanableDirtyRatio;
    return isDue ? { log, name, directory, cleanable } : undefined;
  }

  async #compact({ log, name, directory, cleanable }: Candidate): Promise<void> {
    const { clock, logger, settings } = this.#options;
    const { logCleanerDedupeBufferSize: mapBytes, logCleanerIoBufferSize } = settings.current;
    const startedMs = clock.monotonicMs();
    const compaction = new LogCompaction(log, {
      clock,
      mapBytes,
      bufferBytes: Math.max(1, logCleanerIoBufferSize),
      secret: this.#secret,
      turn: bytes => this.#turn(bytes),
      isStopping: () => this.#isStopping,
    });
    const report = await directory.attempt(() => compaction.run(cleanable));
    if (failed(report)) {
      const isOver = report.code === Errors.OPERATION_NOT_ATTEMPTED || log.failure !== undefined;
      if (isOver) logger.debug('a compaction was broken off', { log: name, reason: report.message });
      else logger.error('a log can not be compacted', { log: name, error: report.toString() });
      // What was broken off begins anew with the log as it is then.
      if (!isOver) this.#uncleanable.add(log);
      return;
    }
    directory.offsets.setCleanedUpTo(name, report.cleanedUpTo);
    await directory.attempt(() => directory.offsets.store(OffsetFile.cleanerOffsets));
    const durationMs = Math.round(clock.monotonicMs() - startedMs);
    logger.info('compacted a log', { log: name, ...report, durationMs });
  }

  /** Lets others have their turn, and waits when more bytes were read and written than is allowed. */
  async #turn(bytes: number): Promise<void> {
    const { clock, pace, settings } = this.#options;
    await pace.turn();
    const bytesPerMs = settings.current.logCleanerIoMaxBytesPerSecond / 1000;
    const nowMs = clock.monotonicMs();
    this.#freeMs = Math.max(this.#freeMs, nowMs) + bytes / bytesPerMs;
    const waitMs = Math.min(this.#freeMs - nowMs, MAX_WAIT_MS);
    if (waitMs < 1) return;
    await new Promise<void>(resolve => {
      clock.startTimer(waitMs, resolve);
    });
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#task?.stop();
  }
}

/** A broker that stops does not wait for longer. */
const MAX_WAIT_MS = 1_000;

function isBefore({ cleanable: one }: Candidate, other: Candidate | undefined): boolean {
  return other === undefined || one.dirtyRatio > other.cleanable.dirtyRatio;
}
