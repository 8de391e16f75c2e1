import { MAX_ALERTS_OF_RULE } from '../../model/limits.ts';
import type { Labels } from '../metric.ts';
import { type Alert, alertName, type Evaluation, type Finding, fingerprintOf } from './alert.ts';

/** How long a resolved alert is still shown. */
const RESOLVED_KEPT_MS = 900_000;

/** The states of alerts over time ({@link AlertState}), by what rules find. Decides alone: has no clock and tells nobody. */
export class AlertEngine {
  readonly #alerts = new Map<string, Alert>();

  /** All that there are, the resolved ones of the last while with them. */
  get alerts(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Takes up what another engine knew. */
  restore(alerts: Iterable<Alert>): void {
    this.#alerts.clear();
    for (const alert of alerts) this.#alerts.set(alert.fingerprint, alert);
  }

  /**
   * Takes what the rules found at a time. Alerts of rules that are not among them any more are resolved.
   * @param nowMs wall clock
   */
  step(nowMs: number, evaluations: readonly Evaluation[]): void {
    const rules = new Map(evaluations.map(each => [each.name, each]));
    const found = new Set<string>();
    for (const evaluation of evaluations) {
      for (const finding of bounded(evaluation)) found.add(this.#found(nowMs, evaluation, finding));
    }
    for (const alert of this.alerts) {
      if (!found.has(alert.fingerprint)) this.#notFound(nowMs, alert, rules.get(alertName(alert)));
    }
  }

  #found(nowMs: number, evaluation: Evaluation, finding: Finding): string {
    const { name, severity, forMs } = evaluation;
    const labels: Labels = { ...evaluation.labels, ...finding.labels, alertname: name, severity };
    const fingerprint = fingerprintOf(labels);
    const before = this.#alerts.get(fingerprint);
    const isNew = before === undefined || before.state === 'resolved';
    const sinceMs = isNew ? nowMs : before.sinceMs;
    // A clock that was put back must not keep an alert from firing for ever.
    const isFiring = before?.state === 'firing' || nowMs - sinceMs >= forMs || nowMs < sinceMs;
    this.#alerts.set(fingerprint, {
      fingerprint,
      labels,
      annotations: { summary: finding.summary, command: finding.command, ...evaluation.annotations },
      state: isFiring ? 'firing' : 'pending',
      sinceMs,
      foundMs: nowMs,
      resolvedMs: undefined,
      value: finding.value,
      causes: finding.causes ?? [],
    });
    return fingerprint;
  }

  #notFound(nowMs: number, alert: Alert, evaluation: Evaluation | undefined): void {
    const { fingerprint, state, foundMs, resolvedMs } = alert;
    if (state === 'resolved') {
      if (nowMs - resolvedMs! >= RESOLVED_KEPT_MS) this.#alerts.delete(fingerprint);
      return;
    }
    if (evaluation !== undefined && evaluation.findings === undefined) return;
    if (state === 'pending') this.#alerts.delete(fingerprint);
    else if (nowMs - foundMs >= (evaluation?.keepFiringForMs ?? 0)) {
      this.#alerts.set(fingerprint, { ...alert, state: 'resolved', resolvedMs: nowMs });
    }
  }
}

/** So many findings of a rule as there may be alerts of it; one more stands for those beyond. */
function bounded({ findings = [], name }: Evaluation): readonly Finding[] {
  if (findings.length <= MAX_ALERTS_OF_RULE) return findings;
  const more = findings.length - MAX_ALERTS_OF_RULE;
  const rest: Finding = {
    labels: { more: 'true' },
    value: more,
    summary: `There are ${more} more of ${name} than are told one by one.`,
    command: 'odradek cluster health',
  };
  return [...findings.slice(0, MAX_ALERTS_OF_RULE), rest];
}
