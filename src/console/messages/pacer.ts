import type { Clock } from '../../model/ports.ts';

/** Work at a stretch, and the rest behind it: half of the time is the broker's, however much there is to scan. */
const WORK_MS = 4;
const REST_MS = 4;
/** Between two looks at the clock. */
const STEPS_A_LOOK = 16;

/** Has long work rest every few milliseconds, so that the requests of clients do not wait for it. */
export class Pacer {
  readonly #clock: Clock;
  #startedMs: number;
  #steps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** To be called with each step of the work. */
  async rest(): Promise<void> {
    this.#steps++;
    if (this.#steps % STEPS_A_LOOK !== 0 || this.#clock.monotonicMs() - this.#startedMs < WORK_MS) return;
    await new Promise<void>(resolve => {
      this.#clock.startTimer(REST_MS, resolve);
    });
    this.#startedMs = this.#clock.monotonicMs();
  }
}
