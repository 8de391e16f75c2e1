import { assert } from '../model/assert.ts';
import type { Clock, Timer } from '../model/ports.ts';
import type { SimulatedTime } from './simulated_time.ts';

/** 2026-01-01T00:00:00Z: where wall clocks start unless told otherwise. */
export const WORLD_START_MS = 1_767_225_600_000;

/**
 * The clock of one process in the simulated world, and the one door through which the world calls into that
 * process: so pausing the clock pauses the process (SIGSTOP), and stopping it is its death.
 *
 * Transitions: running → paused → running; running or paused → stopped, for ever.
 */
export class SimulatedClock implements Clock {
  readonly time: SimulatedTime;
  /** What the wall clock shows at the beginning of the world. */
  #wallStartMs: number;
  #state: 'running' | 'paused' | 'stopped' = 'running';
  /** Those that have neither fired nor been cancelled. */
  readonly #timers = new Set<ProcessTimer>();
  /** Calls that came due while paused, in their order; empty unless paused. */
  #held: (() => void)[] = [];
  /** The last event in which something of the process ran, as counted by {@link SimulatedTime.executedCount}. */
  lastEvent = -1;

  constructor(time: SimulatedTime, { wallStartMs = WORLD_START_MS } = {}) {
    this.time = time;
    this.#wallStartMs = wallStartMs;
  }

  get state(): 'running' | 'paused' | 'stopped' {
    return this.#state;
  }

  nowMs(): number {
    return Math.floor(this.#wallStartMs + this.time.nowMs);
  }

  monotonicMs(): number {
    return this.time.nowMs;
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    const timer = new ProcessTimer(this.#timers, callback);
    // What a dead process starts never happens.
    if (this.#state === 'stopped') return timer;
    this.#timers.add(timer);
    timer.event = this.time.schedule(delayMs, () => {
      if (this.#state === 'running') {
        this.lastEvent = this.time.executedCount;
        timer.fire();
      } else this.deliver(() => timer.fire());
    });
    return timer;
  }

  /** Sets the wall clock forward, or back with a negative number; timers don't notice. */
  jumpWall(byMs: number): void {
    this.#wallStartMs += byMs;
  }

  /** Calls into the process: at once when it runs, on resuming when it is paused, never when it is dead. */
  deliver(callback: () => void): void {
    if (this.#state === 'running') {
      this.lastEvent = this.time.executedCount;
      callback();
    } else if (this.#state === 'paused') this.#held.push(callback);
  }

  /** From here on nothing of the process runs until {@link resume}. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** What came due in the meantime is called as the next events, in its order. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const held = this.#held;
    this.#held = [];
    for (const callback of held) this.time.schedule(0, () => this.deliver(callback));
  }

  /** The process is dead: none of its timers fires, nothing is delivered. */
  stop(): void {
    this.#state = 'stopped';
    this.#held = [];
    for (const timer of this.#timers) timer.cancel();
    assert(this.#timers.size === 0, 'a timer outlives its process');
  }
}

class ProcessTimer implements Timer {
  readonly #waiting: Set<ProcessTimer>;
  readonly #callback: () => void;
  event: Timer | undefined;

  constructor(waiting: Set<ProcessTimer>, callback: () => void) {
    this.#waiting = waiting;
    this.#callback = callback;
  }

  fire(): void {
    // Cancelled after it came due, while the process was paused.
    if (this.#waiting.delete(this)) this.#callback();
  }

  cancel(): void {
    if (this.#waiting.delete(this)) this.event?.cancel();
  }
}
