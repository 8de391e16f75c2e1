import type { Clock, Random } from '../model/ports.ts';
import type { ClientTimeouts } from './client_options.ts';

/** Retries come at up to so much before or after their time, so that clients do not come all at once. */
const JITTER = 0.2;

/** When an operation ends, however often it is tried. */
export class Deadline {
  readonly #clock: Clock;
  readonly #atMs: number;
  readonly timeoutMs: number;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#atMs = clock.monotonicMs() + timeoutMs;
    this.timeoutMs = timeoutMs;
  }

  /** Milliseconds until the end, 0 or more. */
  get leftMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs());
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() >= this.#atMs;
  }
}

/** How long to wait before the next try when `failures` tries have failed, 1 or more. */
export function backoffMs(
  failures: number,
  { retryBackoffMs, maxRetryBackoffMs }: ClientTimeouts,
  random: Random,
): number {
  const baseMs = Math.min(maxRetryBackoffMs, retryBackoffMs * 2 ** Math.min(failures - 1, 20));
  return baseMs * (1 - JITTER + 2 * JITTER * random.fraction());
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => {
    clock.startTimer(ms, resolve);
  });
}
