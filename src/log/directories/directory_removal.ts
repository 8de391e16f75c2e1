import { type Clock, type Disk, DiskError, type Logger, type Timer } from '../../model/ports.ts';
import type { LogDirectory } from './log_directory.ts';
import type { Pace } from './pace.ts';

/** Timers can't be longer. */
const MAX_TIMER_MS = 0x7fffffff;

export interface RemovalServices {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes the directories of logs that were deleted, a file at a time, so that nobody is kept waiting. */
export class DirectoryRemoval {
  readonly #services: RemovalServices;
  readonly #pace: Pace;
  readonly #timers = new Set<Timer>();
  #isStopped = false;
  /** Removes one directory after the other. */
  #removing: Promise<void> = Promise.resolve();

  constructor(services: RemovalServices, pace: Pace) {
    this.#services = services;
    this.#pace = pace;
  }

  /** Removes a deleted log's directory in `delayMs`; what is not removed before the end is at the next start. */
  schedule(directory: LogDirectory, name: string, delayMs: number): void {
    if (this.#isStopped) return;
    const timer = this.#services.clock.startTimer(Math.min(delayMs, MAX_TIMER_MS), () => {
      this.#timers.delete(timer);
      this.#removing = this.#removing.then(() => this.#remove(directory, name));
    });
    this.#timers.add(timer);
  }

  async #remove(directory: LogDirectory, name: string): Promise<void> {
    const { disk, logger } = this.#services;
    const path = directory.pathOf(name);
    try {
      for (const file of disk.list(path)) {
        await this.#pace.turn();
        if (this.#isStopped || !directory.isOnline) return;
        if (!disk.isDirectory(`${path}/${file}`)) disk.remove(`${path}/${file}`);
      }
      disk.removeDirectory(path);
      directory.deleted.delete(name);
      logger.info('removed the files of a deleted log', { path });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      logger.error('the files of a deleted log can not be removed', { path, error: error.message });
    }
  }

  /** Resolves when nothing is removed any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#removing;
  }
}
