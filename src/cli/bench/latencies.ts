/** Ways a latency may be: from 0.01 ms on, each bucket 5 % above the one before. */
const FIRST_MS = 0.01;
const GROWTH = 1.05;
const BUCKETS = 400;

/** Latencies, counted in buckets: as small for a million as for ten, and at most 5 % off. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxMs = 0;
  #sumMs = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / Math.log(GROWTH));
    this.#counts[Math.min(BUCKETS - 1, bucket)]!++;
    this.#count++;
    this.#sumMs += ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  /** @param fraction 0.99 for the 99th percentile */
  percentileMs(fraction: number): number {
    let left = Math.ceil(this.#count * fraction);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(this.#maxMs, FIRST_MS * GROWTH ** bucket);
    }
    return this.#maxMs;
  }
}
