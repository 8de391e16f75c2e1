import type { Alerting } from '../alerts/alerting.ts';
import { counters, gauges, type MetricFamily, type Sample } from '../metric.ts';

/** The alerts of this node, and its sinks: a dead one is seen here too. */
export function* alertMetrics({ alerts, sinks }: Alerting): Iterable<MetricFamily> {
  yield gauges({ name: 'odradek_alerts', help: 'Alerts by their state, as this node knows them.' }, [
    ...counted(alerts.map(({ state, labels }) => ({ state, severity: labels['severity']! }))),
  ]);
  const of = (pick: (sink: (typeof sinks)[number]) => number): Sample[] =>
    sinks.map(sink => ({ labels: { sink: sink.name }, value: pick(sink) }));
  yield counters(
    { name: 'odradek_alert_messages_sent', help: 'Messages that a sink of alerts took.' },
    of(({ sent }) => sent),
  );
  yield counters(
    { name: 'odradek_alert_messages_failed', help: 'Attempts to send to a sink of alerts that failed.' },
    of(({ failed }) => failed),
  );
  yield gauges(
    { name: 'odradek_alert_messages_waiting', help: 'Messages that wait for a sink of alerts.' },
    of(({ waiting }) => waiting),
  );
}

function counted(all: readonly { readonly state: string; readonly severity: string }[]): Sample[] {
  const counts = new Map<string, { labels: { state: string; severity: string }; value: number }>();
  for (const labels of all) {
    const key = `${labels.state} ${labels.severity}`;
    const found = counts.get(key);
    if (found === undefined) counts.set(key, { labels, value: 1 });
    else found.value++;
  }
  return [...counts.values()];
}
