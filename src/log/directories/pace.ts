import type { Clock } from '../../model/ports.ts';

/** How long work on many logs may keep others from their turn. */
const MAX_TURN_MS = 8;

/** Lets others have their turn in the midst of work that never waits long enough for that itself. */
export class Pace {
  readonly #clock: Clock;
  #turnMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turnMs = clock.monotonicMs();
  }

  /** To be called between two steps of the work: resolves at once, or when everything else has had its turn. */
  async turn(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#turnMs < MAX_TURN_MS) return;
    await new Promise<void>(resolve => {
      this.#clock.startTimer(0, resolve);
    });
    this.#turnMs = this.#clock.monotonicMs();
  }
}
