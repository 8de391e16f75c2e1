/**
 * A task that many ask for, such as a sync: one run at a time, and those who ask while one runs share the run after
 * it, so that each gets a run that began after the question.
 */
export class SharedTask {
  readonly #task: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Resolves, or is rejected, with a run that begins now or later. */
  run(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    this.#next = this.#startAfter(this.#running);
    return this.#next;
  }

  async #startAfter(running: Promise<void>): Promise<void> {
    // A failure of that one is for those who asked for it.
    await running.catch(() => {});
    this.#next = undefined;
    await this.#start();
  }

  #start(): Promise<void> {
    const ended = (): void => {
      this.#running = undefined;
    };
    this.#running = this.#task();
    this.#running.then(ended, ended);
    return this.#running;
  }
}
