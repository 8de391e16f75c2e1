import { assert } from '../model/assert.ts';
import type { Timer } from '../model/ports.ts';

/** More events than this at one instant mean that something starts timers of 0 ms in a circle. */
const MAX_EVENTS_PER_INSTANT = 100_000;
/**
 * So many events run before the real event loop gets a turn, so that signals and test timeouts still work, and promises
 * that are rejected without anybody waiting for them are told of.
 */
const EVENTS_PER_TURN = 256;

/**
 * The time of a simulated world: one queue of events, run in the exact order of their time and, at the same time,
 * of their creation. Stands still until it is told to go. After each event everything that it set off through
 * promises has run to its end before the next event starts, so async code under test proceeds the same way each
 * time.
 */
export class SimulatedTime {
  /** A binary heap by {@link precedes}; each event knows its place, so that one that is cancelled leaves at once. */
  readonly #heap: ScheduledEvent[] = [];
  #nowMs = 0;
  #sequence = 0;
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
    return this.#heap.length;
  }

  /** When the next event is due; undefined when none waits. */
  get nextEventMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Runs `callback` in `delayMs` (0 or more), never at once. */
  schedule(delayMs: number, callback: () => void): Timer {
    // The text is made only when it is needed: numbers with fractions take as long to write as an event to run.
    if (!(delayMs >= 0 && delayMs < Infinity)) assert(false, `an event ${delayMs} ms ahead`);
    const event = new ScheduledEvent(this, this.#nowMs + delayMs, this.#sequence++, callback);
    this.#heap.push(event);
    this.#siftUp(event, this.#heap.length - 1);
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
        const event = this.#heap[0];
        if (event === undefined || event.atMs > endMs) return false;
        this.remove(event);
        atThisInstant = event.atMs > this.#nowMs ? 0 : atThisInstant + 1;
        if (atThisInstant >= MAX_EVENTS_PER_INSTANT) {
          assert(false, `the simulated time is stuck at ${this.#nowMs} ms`);
        }
        this.#nowMs = event.atMs;
        this.#executed++;
        this.onEvent?.(event.sequence);
        event.callback();
        await microtasksDone();
        this.afterEvent?.();
        if (count % EVENTS_PER_TURN === 0) await new Promise(setImmediate);
      }
      return true;
    } finally {
      this.#running = false;
    }
  }

  /** Takes an event out that waits: it runs, or is no longer wanted. */
  remove(event: ScheduledEvent): void {
    const { index } = event;
    event.index = NOWHERE;
    const last = this.#heap.pop()!;
    if (last === event) return;
    if (index > 0 && precedes(last, this.#heap[(index - 1) >> 1]!)) this.#siftUp(last, index);
    else this.#siftDown(last, index);
  }

  #siftUp(event: ScheduledEvent, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex]!;
      if (!precedes(event, parent)) break;
      heap[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    heap[index] = event;
    event.index = index;
  }

  #siftDown(event: ScheduledEvent, from: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      let child = heap[childIndex]!;
      if (childIndex + 1 < length && precedes(heap[childIndex + 1]!, child)) child = heap[++childIndex]!;
      if (!precedes(child, event)) break;
      heap[index] = child;
      child.index = index;
      index = childIndex;
    }
    heap[index] = event;
    event.index = index;
  }
}

/** Of an event that ran or was cancelled. */
const NOWHERE = -1;

class ScheduledEvent implements Timer {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
  /** Its place in the heap; {@link NOWHERE} when it is not there. */
  index = NOWHERE;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime, atMs: number, sequence: number, callback: () => void) {
    this.#time = time;
    this.atMs = atMs;
    this.sequence = sequence;
    this.callback = callback;
  }

  cancel(): void {
    if (this.index !== NOWHERE) this.#time.remove(this);
  }
}

function precedes(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}

/** Resolves when all promise jobs have run, those that they set off included: Node runs them before its ticks. */
function microtasksDone(): Promise<void> {
  return new Promise(resolve => process.nextTick(resolve));
}
