import type { Clock, Timer } from '../model/ports.ts';

/** setTimeout takes no more, and fires at once when it is given more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The time of this machine. Its timers keep the process running while they wait. */
export class NodeClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return new NodeTimer(delayMs, callback);
  }
}

class NodeTimer implements Timer {
  readonly #dueMs: number;
  readonly #callback: () => void;
  #timeout: NodeJS.Timeout;

  constructor(delayMs: number, callback: () => void) {
    this.#dueMs = performance.now() + delayMs;
    this.#callback = callback;
    this.#timeout = this.#arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  #arm(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#fire(), Math.min(Math.ceil(delayMs), MAX_TIMEOUT_MS));
  }

  #fire(): void {
    // Node counts in whole milliseconds and may be up to one early: then a deadline would not have passed yet.
    const leftMs = this.#dueMs - performance.now();
    if (leftMs > 0) this.#timeout = this.#arm(leftMs);
    else this.#callback();
  }
}
