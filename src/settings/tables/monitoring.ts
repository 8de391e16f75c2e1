/* What the node shows of itself over HTTP. */

import { httpAddresses, labelPairs } from '../parsers.ts';
import { custom, int, table } from '../setting.ts';

export const MONITORING_SETTINGS = table({
  'http.listeners': custom('list', 'http://127.0.0.1:9080', httpAddresses, {
    importance: 'high',
    ours: true,
    doc: 'Addresses that serve /metrics, /health and the API over HTTP; empty for none. While it is not set and the port is taken, the node goes on without.',
  }),
  'metrics.poll.interval.ms': int(5000, {
    importance: 'low',
    ours: true,
    atLeast: 100,
    doc: 'Time between two rounds in which the active controller asks the brokers for the offsets of partitions and groups.',
  }),
  'metrics.labels': custom('list', '', labelPairs, {
    importance: 'low',
    ours: true,
    doc: 'Labels that every metric gets, as name=value, for dashboards that choose by them.',
  }),
});
