/** Quantiles are of the values of the last one to two windows. */
const WINDOW_MS = 60_000;
/** Below this, each value has a bucket of its own. */
const EXACT_BELOW = 64;
/** Buckets an octave above that, as a power of two: a quantile is off by 1/64 at most. */
const OCTAVE_BITS = 5;
const OCTAVE_BUCKETS = 1 << OCTAVE_BITS;
const MAX_VALUE = 2 ** 31 - 1;
const BUCKETS = bucketOf(MAX_VALUE) + 1;

/**
 * The distribution of what happened lately: whole numbers from 0 to 2^31 - 1 in buckets that grow with the value, so
 * that every quantile is within 1.6 % of the truth at a fixed size of some KB. What is older than two minutes is
 * forgotten; {@link count} and {@link sum} are of all time.
 */
export class RecentHistogram {
  #count = 0;
  #sum = 0;
  /** Since {@link #startMs}; with {@link #previous}, the window before, what quantiles are made of. */
  #current = new Uint32Array(BUCKETS);
  #previous = new Uint32Array(BUCKETS);
  #startMs: number;

  /** @param nowMs of a monotonic clock, as everywhere here */
  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Adds a value: rounded, and taken for the nearest one that there is a bucket for. */
  record(value: number, nowMs: number): void {
    if (nowMs - this.#startMs >= WINDOW_MS) this.#turn(nowMs);
    const whole = value < 0 ? 0 : Math.min(Math.round(value), MAX_VALUE);
    this.#count++;
    this.#sum += whole;
    const bucket = bucketOf(whole);
    this.#current[bucket] = this.#current[bucket]! + 1;
  }

  /**
   * The values below which the fractions of the recent values lie.
   * @param fractions from 0 to 1, rising
   * @returns one a fraction; NaN for each when nothing was recorded lately
   */
  quantiles(fractions: readonly number[], nowMs: number): readonly number[] {
    if (nowMs - this.#startMs >= WINDOW_MS) this.#turn(nowMs);
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      total += this.#current[bucket]! + this.#previous[bucket]!;
    if (total === 0) return fractions.map(() => Number.NaN);
    const found: number[] = [];
    let passed = 0;
    for (let bucket = 0; bucket < BUCKETS && found.length < fractions.length; bucket++) {
      passed += this.#current[bucket]! + this.#previous[bucket]!;
      while (found.length < fractions.length && passed >= Math.max(1, fractions[found.length]! * total)) {
        found.push(middleOf(bucket));
      }
    }
    return found;
  }

  #turn(nowMs: number): void {
    const isLongOver = nowMs - this.#startMs >= 2 * WINDOW_MS;
    const oldest = this.#previous;
    this.#previous = this.#current;
    this.#current = oldest;
    this.#current.fill(0);
    if (isLongOver) this.#previous.fill(0);
    this.#startMs = nowMs;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT_BELOW) return value;
  const shift = 31 - Math.clz32(value) - OCTAVE_BITS;
  return (shift + 1) * OCTAVE_BUCKETS + (value >>> shift) - OCTAVE_BUCKETS;
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const shift = (bucket >>> OCTAVE_BITS) - 1;
  const lowest = ((bucket & (OCTAVE_BUCKETS - 1)) + OCTAVE_BUCKETS) * 2 ** shift;
  return lowest + 2 ** shift / 2;
}
