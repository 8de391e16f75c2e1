export interface RateWindow {
  /** `quota.window.num`: samples that count. */
  readonly samples: number;
  /** `quota.window.size.seconds`, in milliseconds: what one sample covers. */
  readonly sampleMs: number;
}

interface Sample {
  startMs: number;
  amount: number;
}

/**
 * A rate over the last samples, as Kafka computes the rates that quotas bound: what is above the bound counts against
 * the following samples too, until the window has moved on. A window that is only filling up counts as if all of its
 * samples but one were there, so that the first request of a client is no burst.
 */
export class SampledRate {
  readonly #window: RateWindow;
  /** Oldest first; at most as many as the window has, plus the one that is being filled. */
  readonly #samples: Sample[] = [];

  constructor(window: RateWindow) {
    this.#window = window;
  }

  record(amount: number, nowMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.startMs < this.#window.sampleMs) last.amount += amount;
    else this.#samples.push({ startMs: nowMs, amount });
    this.#forgetOld(nowMs);
  }

  /** Takes back what was recorded last: it did not happen. */
  unrecord(amount: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined) last.amount -= amount;
  }

  /**
   * How long to wait until the rate is back at the bound.
   * @param perSecond the bound
   */
  excessMs(perSecond: number, nowMs: number): number {
    this.#forgetOld(nowMs);
    const total = this.#samples.reduce((sum, { amount }) => sum + amount, 0);
    const windowMs = this.#elapsedMs(nowMs);
    const rate = (total * 1000) / windowMs;
    return rate <= perSecond ? 0 : Math.round(((rate - perSecond) / perSecond) * windowMs);
  }

  #elapsedMs(nowMs: number): number {
    const { samples, sampleMs } = this.#window;
    const elapsedMs = nowMs - (this.#samples[0]?.startMs ?? nowMs);
    const missing = samples - 1 - Math.floor(elapsedMs / sampleMs);
    return Math.max(1, elapsedMs + Math.max(0, missing) * sampleMs);
  }

  #forgetOld(nowMs: number): void {
    const { samples, sampleMs } = this.#window;
    while (this.#samples.length > 0 && nowMs - this.#samples[0]!.startMs >= samples * sampleMs)
      this.#samples.shift();
  }
}
