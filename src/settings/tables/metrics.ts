/* Metrics. */

import { int, list, long, string, table } from '../setting.ts';
import { NO_PLUGINS, NO_SAMPLES, NO_TELEMETRY } from './unused.ts';

export const METRIC_SETTINGS = table({
  'metrics.num.samples': int(2, {
    atLeast: 1,
    importance: 'low',
    unused: NO_SAMPLES,
    doc: 'Samples from which a metric is computed.',
  }),
  'metrics.sample.window.ms': long(30_000, {
    atLeast: 1,
    importance: 'low',
    unused: NO_SAMPLES,
    doc: 'Time that a sample of a metric covers.',
  }),
  'metric.reporters': list('org.apache.kafka.common.metrics.JmxReporter', {
    importance: 'low',
    update: 'cluster-wide',
    unused: NO_PLUGINS,
    doc: 'Classes that report metrics.',
  }),
  'metrics.recording.level': string('INFO', {
    importance: 'low',
    unused: NO_SAMPLES,
    doc: 'Which metrics are recorded.',
  }),
  'kafka.metrics.reporters': list('', {
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'Classes that report the older kind of metrics.',
  }),
  'kafka.metrics.polling.interval.secs': int(10, {
    atLeast: 1,
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'How often the classes of kafka.metrics.reporters report.',
  }),
  'telemetry.max.bytes': int(1_048_576, {
    atLeast: 1,
    importance: 'low',
    unused: NO_TELEMETRY,
    doc: 'Largest push of metrics that a client may send.',
  }),
});
