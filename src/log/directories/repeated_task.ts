import type { Clock, Timer } from '../../model/ports.ts';

/** Timers can't be longer. */
const MAX_TIMER_MS = 0x7fffffff;

export interface RepeatedTaskOptions {
  readonly clock: Clock;
  /** Before the first run. */
  readonly delayMs: number;
  /** Between the end of a run and the next one; asked after each. */
  readonly intervalMs: () => number;
  readonly task: () => Promise<void>;
}

/** Runs a task again and again, never twice at the same time, until it is stopped. */
export class RepeatedTask {
  readonly #options: RepeatedTaskOptions;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: RepeatedTaskOptions) {
    this.#options = options;
    this.#schedule(options.delayMs);
  }

  #schedule(delayMs: number): void {
    const { clock } = this.#options;
    this.#timer = clock.startTimer(Math.min(Math.max(delayMs, 1), MAX_TIMER_MS), () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    await this.#options.task();
    this.#running = undefined;
    if (!this.#isStopped) this.#schedule(this.#options.intervalMs());
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }
}
