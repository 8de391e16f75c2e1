/**
 * As many threads as Node has for what waits for the disk: more syncs at once would only queue up there, before the
 * reads of others.
 */
const DEFAULT_SYNCS_AT_ONCE = 4;

/**
 * Whose turn it is to sync: so many logs at once, the others in the order in which they asked. What is appended to a
 * log while it waits for its turn is part of its sync: the busier the disk, the more appends share one.
 */
export class SyncTurns {
  readonly #atOnce: number;
  #runningCount = 0;
  /** One a log at most. Empty unless all turns are taken. */
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce = DEFAULT_SYNCS_AT_ONCE) {
    this.#atOnce = atOnce;
  }

  /** Runs the task when its turn has come. */
  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#runningCount < this.#atOnce) this.#runningCount++;
    // Whoever ends hands its turn on.
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#runningCount--;
      else next();
    }
  }
}
