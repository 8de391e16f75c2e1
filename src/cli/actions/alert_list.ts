import type { Alert, Alerts } from '../../console/api/alerts.ts';
import { failed } from '../../model/failure.ts';
import { askNodes, type HttpOptions, nodeUrls } from '../alert_api.ts';
import { table, titled } from '../output/blocks.ts';
import type { Painter } from '../output/painter.ts';
import type { Action } from '../run_action.ts';

const SEVERITIES = ['critical', 'warning'];

export const alertList: Action<[], HttpOptions> = async (context, _args, options) => {
  const urls = nodeUrls(context, options);
  if (failed(urls)) return urls;
  const answers = await askNodes<Alerts>(context, urls, '/api/v1/alerts');
  if (failed(answers)) return answers;
  // Each node tells its own; what several tell is one.
  const byFingerprint = new Map(
    answers.flatMap(({ alerts }) => alerts).map(alert => [alert.fingerprint, alert]),
  );
  const alerts = [...byFingerprint.values()].sort(inOrder);
  const sinks = answers.flatMap(each => each.sinks);
  const shownAlerts = table(
    [
      { header: 'STATE', value: (row, paint) => paintState(row, paint) },
      { header: 'SEVERITY', value: row => row.severity },
      { header: 'ALERT', value: row => row.name },
      { header: 'SINCE', value: row => row.since },
      { header: 'MUTED', value: row => row.muted, isOptional: true },
      { header: 'WHAT', value: row => row.text },
      { header: 'LABELS', value: row => labelText(row), isWide: true },
    ],
    alerts,
    { empty: 'Nothing is wrong: no alert is pending or firing.' },
  );
  const shownSinks = table(
    [
      { header: 'SINK', value: row => row.name },
      { header: 'SENT', value: row => row.sent, isRight: true },
      { header: 'FAILED', value: row => row.failed, isRight: true },
      { header: 'WAITING', value: row => row.waiting, isRight: true },
      {
        header: 'LAST FAILURE',
        value: (row, paint) => (row.failure === null ? '' : paint.bad(row.failure)),
        isOptional: true,
      },
    ],
    sinks,
    { empty: 'Nobody is told: there are no sinks (alerts.webhook.urls and others).' },
  );
  await context.output.show({ alerts, sinks }, shownAlerts, titled('Sinks', shownSinks));
  return undefined;
};

function inOrder(left: Alert, right: Alert): number {
  const rank = ({ severity, state }: Alert) =>
    (state === 'firing' ? 0 : state === 'pending' ? 10 : 20) + ((SEVERITIES.indexOf(severity) + 3) % 3);
  return rank(left) - rank(right) || (left.since < right.since ? -1 : 1);
}

function paintState({ severity, state }: Alert, paint: Painter): string {
  if (state !== 'firing') return paint.dim(state);
  return severity === 'critical' ? paint.bad(state) : paint.warning(state);
}

const labelText = ({ labels }: Alert): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
