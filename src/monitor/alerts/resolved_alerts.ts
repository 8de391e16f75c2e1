import { MAX_RESOLVED_ALERTS } from '../../model/limits.ts';
import type { Alert } from './alert.ts';

/** The alerts that have resolved, when they are not among the alerts any more either. */
export class ResolvedAlerts<A extends Alert> {
  /** By what tells one time from another, in the order in which they were seen. */
  readonly #found = new Map<string, A>();

  /** The newest first. */
  get alerts(): readonly A[] {
    return [...this.#found.values()].reverse();
  }

  /** Looks at the alerts as they are now. */
  note(alerts: readonly A[]): void {
    for (const alert of alerts) {
      if (alert.state !== 'resolved') continue;
      const key = `${alert.fingerprint} ${alert.sinceMs}`;
      if (!this.#found.has(key)) this.#found.set(key, alert);
    }
    for (const key of this.#found.keys()) {
      if (this.#found.size <= MAX_RESOLVED_ALERTS) return;
      this.#found.delete(key);
    }
  }
}
