/**
 * Tokens that come at a rate and are kept up to a burst (KIP-599): an operation may take more than there are, and
 * those after it wait until the debt is paid.
 */
export class TokenBucket {
  #tokens: number;
  #refilledMs: number;

  /** Starts full. */
  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#refilledMs = nowMs;
  }

  take(tokens: number): void {
    this.#tokens -= tokens;
  }

  /**
   * How long to wait until there is no debt.
   * @param perSecond the rate, above 0
   */
  debtMs(perSecond: number, { burst, nowMs }: { readonly burst: number; readonly nowMs: number }): number {
    this.#tokens = Math.min(burst, this.#tokens + (perSecond * (nowMs - this.#refilledMs)) / 1000);
    this.#refilledMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.round((-this.#tokens / perSecond) * 1000);
  }
}
