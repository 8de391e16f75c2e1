import { show } from './anomaly.ts';
import type { CheckReport } from './check_history.ts';
import type { Operation } from './history.ts';

/** Records of an operation that its description names. */
const MAX_SHOWN_RECORDS = 6;

/** A report for people: one line when all is well, otherwise each anomaly with the operations that show it. */
export function describeReport(report: CheckReport): string {
  const { operationCount, acknowledgedCount, polledCount, counts, anomalies } = report;
  const size = `${operationCount} operations, ${acknowledgedCount} records acknowledged, ${polledCount} read`;
  if (report.isValid) return `no anomaly in ${size}`;
  const found = [...new Set(anomalies.map(({ type }) => type))];
  const lines = [`anomalies in ${size}: ${found.map(type => `${type} (${counts.get(type)})`).join(', ')}`];
  for (const { type, text, operations } of anomalies) {
    lines.push(`  ${type}: ${text}`);
    for (const operation of operations) lines.push(`    ${describeOperation(operation)}`);
  }
  return lines.join('\n');
}

function describeOperation({ index, process: by, action, outcome, sends, polls }: Operation): string {
  const sent = sends.map(
    ({ key, value, offset }) => `${show(value)} to ${key}${offset === undefined ? '' : ` at ${offset}`}`,
  );
  const polled = polls.map(({ key, records }) => {
    const shown = shorten(records.map(([offset, value]) => `${offset}=${show(value)}`));
    return `${key}: ${shown.join(' ')}`;
  });
  const parts = [...(sent.length > 0 ? [`sent ${shorten(sent).join(', ')}`] : []), ...polled];
  return `#${index} ${by} ${action} ${outcome}${parts.length > 0 ? `: ${parts.join('; ')}` : ''}`;
}

function shorten(texts: string[]): string[] {
  if (texts.length <= MAX_SHOWN_RECORDS) return texts;
  const half = MAX_SHOWN_RECORDS / 2;
  return [...texts.slice(0, half), `… ${texts.length - MAX_SHOWN_RECORDS} more …`, ...texts.slice(-half)];
}
