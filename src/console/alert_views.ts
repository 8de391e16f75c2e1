import type { ReportedAlert } from '../monitor/alerts/alerting.ts';
import { sentenceOf } from '../monitor/alerts/messages.ts';
import { formatTime } from '../monitor/alerts/rfc3339.ts';
import type { Alert } from './api/alerts.ts';

export function alertView(alert: ReportedAlert): Alert {
  const { fingerprint, labels, annotations, state, scope, value, muted, sinceMs, resolvedMs } = alert;
  return {
    fingerprint,
    name: labels['alertname'] ?? '',
    severity: labels['severity'] as Alert['severity'],
    state,
    muted: muted ?? null,
    scope,
    labels,
    annotations,
    text: sentenceOf(alert),
    value,
    since: formatTime(sinceMs),
    resolved: resolvedMs === undefined ? null : formatTime(resolvedMs),
  };
}
