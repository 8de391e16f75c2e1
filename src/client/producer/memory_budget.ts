import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import { MAX_BLOCKED_SENDS } from '../../model/limits.ts';
import type { Clock, Timer } from '../../model/ports.ts';

interface Blocked {
  readonly sizeBytes: number;
  readonly go: (failure?: Failure) => void;
  readonly timer: Timer;
}

/** The memory that records which were not delivered yet may take. Who finds none left waits in line. */
export class MemoryBudget {
  readonly #clock: Clock;
  readonly #limitBytes: number;
  readonly #maxBlockMs: number;
  #usedBytes = 0;
  /** In the order of their calls; at most {@link MAX_BLOCKED_SENDS}. */
  readonly #blocked = new Set<Blocked>();

  constructor(clock: Clock, { limitBytes, maxBlockMs }: { limitBytes: number; maxBlockMs: number }) {
    this.#clock = clock;
    this.#limitBytes = limitBytes;
    this.#maxBlockMs = maxBlockMs;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isExhausted(): boolean {
    return this.#blocked.size > 0;
  }

  /** Calls `go` when there is room, at once if there is; with a failure when there was none in time. */
  take(sizeBytes: number, go: (failure?: Failure) => void): void {
    if (this.#blocked.size === 0 && this.#fits(sizeBytes)) {
      this.#usedBytes += sizeBytes;
      go();
      return;
    }
    if (this.#blocked.size >= MAX_BLOCKED_SENDS) {
      go(this.#failure(`and ${MAX_BLOCKED_SENDS} records wait for room already`));
      return;
    }
    const timer = this.#clock.startTimer(this.#maxBlockMs, () => {
      this.#blocked.delete(blocked);
      go(this.#failure(`and none got free within ${this.#maxBlockMs} ms`));
      this.#admit();
    });
    const blocked: Blocked = { sizeBytes, go, timer };
    this.#blocked.add(blocked);
  }

  /** A record larger than all of it may come when nothing else is there. */
  #fits(sizeBytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + sizeBytes <= this.#limitBytes;
  }

  giveBack(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
    this.#admit();
  }

  #admit(): void {
    for (const blocked of this.#blocked) {
      if (!this.#fits(blocked.sizeBytes)) return;
      this.#blocked.delete(blocked);
      blocked.timer.cancel();
      this.#usedBytes += blocked.sizeBytes;
      blocked.go();
    }
  }

  /** Turns all that wait away. */
  close(failure: Failure): void {
    const blocked = [...this.#blocked];
    this.#blocked.clear();
    for (const { go, timer } of blocked) {
      timer.cancel();
      go(failure);
    }
  }

  #failure(why: string): Failure {
    return new Failure(
      Errors.REQUEST_TIMED_OUT,
      `The producer's memory of ${this.#limitBytes} bytes is full of records that are not acknowledged, ${why}: send less, or give it more (buffer.memory)`,
    );
  }
}
