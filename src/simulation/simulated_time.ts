import { assert } from '../model/assert.ts';
import type { Timer } from '../model/ports.ts';

/** More events than this at one instant mean that something starts timers of 0 ms in a circle. */
const MAX_EVENTS_PER_INSTANT = 100_000;
/**
 * So many events run before the real event loop gets a turn, so that signals and test timeouts still work, and promises
 * that are rejected without anybody waiting for them are told of.
 */
const EVENTS_PER_TURN = 256;
/** Cancelled events stay in the heap until they are this many and the greater part of it. */
const MIN_CANCELLED_TO_COMPACT = 1_024;

/**
 * The time of a simulated world: one queue of events, run in the exact order of their time and, at the same time,
 * of their creation. Stands still until it is told to go. After each event everything that it set off through
 * promises has run to its end before the next event starts, so async code under test proceeds the same way each
 * time.
 */
export class SimulatedTime {
  /** A binary heap by {@link precedes}. */
  readonly #heap: ScheduledEvent[] = [];
  #nowMs = 0;
  #sequence = 0;
  #cancelled = 0;
  #executed = 0;
  #running = false;
  /** Is told of each event before it runs. */
  onEvent: ((sequence: number) => void) | undefined;
  /** Is called behind each event and all that it set off; what it throws ends the run. */
  afterEvent: (() => void) | undefined;

  /** Milliseconds since the world began, fractional. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events that ran so far. */
  get executedCount(): number {
    return this.#executed;
  }

  /** Events that wait. */
  get pendingCount(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** When the next event is due; undefined when none waits. */
  get nextEventMs(): number | undefined {
    return this.#peek()?.atMs;
  }

  /** Runs `callback` in `delayMs` (0 or more), never at once. */
  schedule(delayMs: number, callback: () => void): Timer {
    // The text is made only when it is needed: numbers with fractions take as long to write as an event to run.
    if (!(delayMs >= 0 && delayMs < Infinity)) assert(false, `an event ${delayMs} ms ahead`);
    const event = new ScheduledEvent(this, this.#nowMs + delayMs, this.#sequence++, callback);
    this.#heap.push(event);
    this.#siftUp(this.#heap.length - 1);
    return event;
  }

  /** Runs all events of the next `ms` milliseconds, and leaves the time at their end. */
  async advance(ms: number): Promise<void> {
    assert(ms >= 0 && ms < Infinity, `time advanced by ${ms} ms`);
    const endMs = this.#nowMs + ms;
    await this.#run(endMs, () => false);
    this.#nowMs = endMs;
  }

  /**
   * Runs events until `condition` holds, which is asked before the first and after each one. Throws when it does not
   * come to hold within `limitMs`, or when no event is left that could bring it about.
   */
  async runUntil(condition: () => boolean, { limitMs = 3_600_000 } = {}): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    if (await this.#run(endMs, condition)) return;
    const next = this.nextEventMs;
    throw new Error(
      next === undefined
        ? `Cannot go on at ${this.#nowMs} ms: the condition does not hold, and no event is left`
        : `The condition did not come to hold within ${limitMs} simulated ms; the next event is at ${next} ms`,
    );
  }

  /** Runs events until `promise` is settled, and passes its result on. */
  async run<T>(promise: Promise<T>, options?: { readonly limitMs?: number }): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.runUntil(() => settled, options);
    return promise;
  }

  /** Runs until `stop` says so (true), or no event is left up to `endMs` (false). */
  async #run(endMs: number, stop: () => boolean): Promise<boolean> {
    assert(!this.#running, 'the simulated time is run from two places at once');
    this.#running = true;
    try {
      let atThisInstant = 0;
      await microtasksDone();
      for (let count = 1; !stop(); count++) {
        const event = this.#peek();
        if (event === undefined || event.atMs > endMs) return false;
        this.#removeFirst();
        atThisInstant = event.atMs > this.#nowMs ? 0 : atThisInstant + 1;
        if (atThisInstant >= MAX_EVENTS_PER_INSTANT) {
          assert(false, `the simulated time is stuck at ${this.#nowMs} ms`);
        }
        this.#nowMs = event.atMs;
        this.#executed++;
        const { callback } = event;
        event.callback = undefined;
        this.onEvent?.(event.sequence);
        callback?.();
        await microtasksDone();
        this.afterEvent?.();
        if (count % EVENTS_PER_TURN === 0) await new Promise(setImmediate);
      }
      return true;
    } finally {
      this.#running = false;
    }
  }

  /** Called by an event that was waiting and is no longer wanted. */
  forget(): void {
    this.#cancelled++;
    if (this.#cancelled < MIN_CANCELLED_TO_COMPACT || this.#cancelled * 2 < this.#heap.length) return;
    const alive = this.#heap.filter(event => event.callback !== undefined);
    // A sorted array is a heap.
    alive.sort((left, right) => (precedes(left, right) ? -1 : 1));
    this.#heap.length = 0;
    for (const event of alive) this.#heap.push(event);
    this.#cancelled = 0;
  }

  /** The first event that was not cancelled. */
  #peek(): ScheduledEvent | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.callback !== undefined) return first;
      this.#removeFirst();
      this.#cancelled--;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const event = heap[from]!;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex]!;
      if (!precedes(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const event = heap[0]!;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const other = heap[childIndex + 1];
      if (other !== undefined && precedes(other, child)) {
        child = other;
        childIndex++;
      }
      if (!precedes(child, event)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }
}

class ScheduledEvent implements Timer {
  readonly atMs: number;
  readonly sequence: number;
  /** Undefined once it ran or was cancelled. */
  callback: (() => void) | undefined;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime, atMs: number, sequence: number, callback: () => void) {
    this.#time = time;
    this.atMs = atMs;
    this.sequence = sequence;
    this.callback = callback;
  }

  cancel(): void {
    if (this.callback === undefined) return;
    this.callback = undefined;
    this.#time.forget();
  }
}

function precedes(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}

/** Resolves when all promise jobs have run, those that they set off included: Node runs them before its ticks. */
function microtasksDone(): Promise<void> {
  return new Promise(resolve => process.nextTick(resolve));
}
