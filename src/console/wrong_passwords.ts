import type { Clock } from '../model/ports.ts';
import { Refusal } from './refusal.ts';

interface Count {
  failures: number;
  /** Until then nobody is let try. */
  waitUntilMs: number;
  lastMs: number;
}

/** So many are free; behind them each wrong one doubles the wait. */
const FREE_OF_ADDRESS = 5;
/** A name has more: whoever knows it could keep its owner out. */
const FREE_OF_NAME = 20;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;
/** After so long without another one, a count begins anew. */
const FORGET_MS = 15 * 60_000;

/** Slows down who guesses passwords: by the address, and by the name that is tried from many. */
export class WrongPasswords {
  readonly #clock: Clock;
  readonly #most: number;
  /** The one that was counted longest ago comes first, and goes first. */
  readonly #counts = new Map<string, Count>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** @throws {Refusal} 429, with how long to wait */
  refuseTooMany(name: string, from: string): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key] of keysOf(name, from)) {
      const count = this.#counts.get(key);
      if (count === undefined || count.waitUntilMs <= nowMs) continue;
      const seconds = Math.ceil((count.waitUntilMs - nowMs) / 1000);
      throw new Refusal(429, `Too many wrong passwords: wait ${seconds} s`, undefined, {
        'retry-after': String(seconds),
      });
    }
  }

  count(name: string, from: string): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, free] of keysOf(name, from)) {
      const known = this.#counts.get(key);
      const count =
        known !== undefined && nowMs - known.lastMs < FORGET_MS
          ? known
          : { failures: 0, waitUntilMs: 0, lastMs: 0 };
      count.failures++;
      count.lastMs = nowMs;
      if (count.failures >= free) {
        count.waitUntilMs =
          nowMs + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count.failures - free, 16));
      }
      this.#counts.delete(key);
      this.#counts.set(key, count);
    }
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= this.#most) return;
      this.#counts.delete(key);
    }
  }

  forget(name: string, from: string): void {
    for (const [key] of keysOf(name, from)) this.#counts.delete(key);
  }
}

function keysOf(name: string, from: string): [key: string, free: number][] {
  return [
    [`address ${from}`, FREE_OF_ADDRESS],
    [`name ${name.slice(0, 100)}`, FREE_OF_NAME],
  ];
}
