/**
 * The memory that requests of all connections together take. Above the limit, a connection that has a request in work
 * reads no further until others are done; one that has none goes on, so that there is always progress.
 */
export class RequestMemory {
  readonly #maxBytes: number;
  #usedBytes = 0;
  /** Connections that read nothing at the moment; called when memory becomes free. */
  readonly #waiting = new Map<object, () => void>();

  /** @param maxBytes `queued.max.request.bytes`, or the fixed limit where that is not set */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isFull(): boolean {
    return this.#usedBytes > this.#maxBytes;
  }

  add(bytes: number): void {
    this.#usedBytes += bytes;
  }

  remove(bytes: number): void {
    const wasFull = this.isFull;
    this.#usedBytes -= bytes;
    if (!wasFull || this.isFull) return;
    for (const resume of [...this.#waiting.values()]) resume();
  }

  /** Calls `resume` when memory becomes free, until {@link forget}. */
  whenFree(owner: object, resume: () => void): void {
    this.#waiting.set(owner, resume);
  }

  forget(owner: object): void {
    this.#waiting.delete(owner);
  }
}
