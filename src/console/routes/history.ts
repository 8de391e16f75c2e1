import { type Context, Hono } from 'hono';
import type { HistoryQuery } from '../../monitor/history.ts';
import type { ConsoleServices } from '../console_services.ts';
import { RequestFields } from '../request_fields.ts';

/** `/api/v1/history`: the last hour of the cluster, and what the other nodes ask this one for it. */
export function historyRoutes({ traffic }: ConsoleServices): Hono {
  const query = (context: Context): HistoryQuery => {
    const fields = RequestFields.ofQuery(context);
    const [topic, group] = [fields.optionalText('topic'), fields.optionalText('group')];
    return { ...(topic !== undefined && { topic }), ...(group !== undefined && { group }) };
  };
  return new Hono()
    .get('/api/v1/history', async context => context.json(await traffic.read(query(context))))
    .get('/api/v1/history/node', context => context.json(traffic.own(query(context))))
    .get('/api/v1/history/rates', context => context.json(traffic.ownRates()));
}
