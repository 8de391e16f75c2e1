import type { Sink } from '../../console/api/alerts.ts';
import { failed } from '../../model/failure.ts';
import { askNode, type HttpOptions, nodeUrls } from '../alert_api.ts';
import { ExitCode } from '../exit_codes.ts';
import { table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

/** How long sinks may take; what did not come through by then is shown as it is. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 250;

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

export const alertTest: Action<[], HttpOptions> = async (context, _args, options) => {
  const urls = nodeUrls(context, options);
  if (failed(urls)) return urls;
  const url = urls[0]!;
  const before = await askNode<{ sinks: Sink[] }>(url, '/api/v1/alerts');
  if (failed(before)) return before;
  const sent = await askNode<{ sinks: Sink[] }>(url, '/api/v1/alerts/test', { method: 'POST' });
  if (failed(sent)) return sent;
  const startedMs = performance.now();
  let sinks = sent.sinks;
  const isOpen = (sink: Sink) => {
    const old = before.sinks.find(({ name }) => name === sink.name);
    return sink.sent === (old?.sent ?? 0) && sink.failed === (old?.failed ?? 0);
  };
  while (sinks.some(isOpen) && performance.now() - startedMs < PATIENCE_MS) {
    context.progress.show('waiting for the sinks');
    await sleep(LOOK_MS);
    const now = await askNode<{ sinks: Sink[] }>(url, '/api/v1/alerts');
    if (failed(now)) return now;
    sinks = now.sinks;
  }
  context.progress.end();
  const rows = sinks.map(sink => ({
    sink: sink.name,
    result: sink.failure !== null ? 'failed' : isOpen(sink) ? 'waits' : 'sent',
    failure: sink.failure,
  }));
  const block = table(
    [
      { header: 'SINK', value: row => row.sink },
      {
        header: 'RESULT',
        value: (row, paint) => (row.result === 'sent' ? paint.good(row.result) : paint.bad(row.result)),
      },
      { header: 'WHY', value: row => row.failure, isOptional: true },
    ],
    rows,
    { empty: 'Nobody is told: there are no sinks (alerts.webhook.urls and others).' },
  );
  await context.output.show(rows, block);
  return rows.every(({ result }) => result === 'sent') ? ExitCode.ok : ExitCode.failed;
};
