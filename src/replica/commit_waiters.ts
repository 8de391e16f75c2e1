import type { Failure } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';

type Done = (failure: Failure | undefined) => void;

interface Waiter {
  readonly offset: Offset;
  readonly done: Done;
}

/**
 * Those who wait until everything before an offset is committed, in the order of their offsets: appends come in that
 * order, so almost every wait is added at the end and released from the front. Bounded by the requests in flight.
 */
export class CommitWaiters {
  #waiters: Waiter[] = [];
  /** Index of the first that still waits; those before it are released already. */
  #first = 0;

  get size(): number {
    return this.#waiters.length - this.#first;
  }

  add(offset: Offset, done: Done): void {
    let at = this.#waiters.length;
    while (at > this.#first && this.#waiters[at - 1]!.offset > offset) at--;
    this.#waiters.splice(at, 0, { offset, done });
  }

  /** Releases those whose offset the high watermark has reached. */
  release(highWatermark: Offset): void {
    while (this.#first < this.#waiters.length && this.#waiters[this.#first]!.offset <= highWatermark) {
      const { done } = this.#waiters[this.#first]!;
      this.#first++;
      done(undefined);
    }
    if (this.#first === this.#waiters.length) {
      this.#waiters = [];
      this.#first = 0;
    } else if (this.#first > 1024) {
      this.#waiters.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Releases all with the reason why what they wait for will not come. */
  fail(failure: Failure): void {
    const waiters = this.#waiters.slice(this.#first);
    this.#waiters = [];
    this.#first = 0;
    for (const { done } of waiters) done(failure);
  }
}
