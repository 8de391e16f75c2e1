/** Runs at most so many tasks at a time, in the order of their calls. */
export class TaskSlots {
  readonly #limit: () => number;
  #running = 0;
  /** Those that wait, the first one first. */
  readonly #waiting: (() => void)[] = [];

  /** @param limit 1 or more, asked whenever a task is about to run */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    while (this.#running >= this.#limit()) await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
