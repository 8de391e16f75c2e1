import { MAX_RECENT_EVENTS } from '../model/limits.ts';
import type { Clock } from '../model/ports.ts';

/** An event: when it was on the monotonic clock, and of what. */
interface RecentEvent {
  readonly atMs: number;
  readonly subject: string;
}

/** The last events of a kind; the oldest go when there are too many. */
export class RecentEvents {
  readonly #clock: Clock;
  /** In their order. */
  #events: RecentEvent[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(subject: string): void {
    this.#events.push({ atMs: this.#clock.monotonicMs(), subject });
    if (this.#events.length > MAX_RECENT_EVENTS) this.#events = this.#events.slice(-MAX_RECENT_EVENTS / 2);
  }

  /** What the events of the last `durationMs` were of; the newest last. */
  within(durationMs: number): readonly string[] {
    const sinceMs = this.#clock.monotonicMs() - durationMs;
    let first = this.#events.length;
    while (first > 0 && this.#events[first - 1]!.atMs > sinceMs) first--;
    return this.#events.slice(first).map(({ subject }) => subject);
  }
}
