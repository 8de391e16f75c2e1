/* Settings of client-metrics subscriptions (KIP-714). */

import { clientMatchers } from '../parsers.ts';
import { custom, int, list, table } from '../setting.ts';
import { NO_TELEMETRY } from './unused.ts';

export const CLIENT_METRICS_SETTINGS = table({
  metrics: list('', {
    importance: 'medium',
    unused: NO_TELEMETRY,
    doc: 'Prefixes of the metrics to push; * for all.',
  }),
  'interval.ms': int(300_000, {
    atLeast: 100,
    atMost: 3_600_000,
    importance: 'medium',
    unused: NO_TELEMETRY,
    doc: 'Time between two pushes of a client.',
  }),
  match: custom('list', '', clientMatchers, {
    importance: 'medium',
    unused: NO_TELEMETRY,
    doc: 'Clients that the subscription is for, as name=pattern pairs.',
  }),
});
