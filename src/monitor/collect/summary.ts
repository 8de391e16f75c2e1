import type { RecentHistogram } from '../../model/recent_histogram.ts';
import type { Labels, MetricFamily, Sample } from '../metric.ts';

const FRACTIONS = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999];
/** As Kafka's exporters name them. */
const NAMES = ['0.50', '0.75', '0.95', '0.98', '0.99', '0.999'];

interface SummaryOptions {
  readonly name: string;
  readonly help: string;
  /** What a recorded unit is in the unit of the name: 0.001 for microseconds shown as milliseconds. */
  readonly scale: number;
  readonly nowMs: number;
}

/** The distributions of one name: quantiles of the last minutes, count and sum since the start. */
export function summary(
  histograms: Iterable<readonly [Labels, RecentHistogram]>,
  { name, help, scale, nowMs }: SummaryOptions,
): MetricFamily {
  function* samples(): Iterable<Sample> {
    for (const [labels, histogram] of histograms) {
      const quantiles = histogram.quantiles(FRACTIONS, nowMs);
      for (const [index, quantile] of NAMES.entries()) {
        // Nothing happened lately: 0, as Kafka says it, so that graphs have no holes.
        const value = Number.isNaN(quantiles[index]) ? 0 : quantiles[index]! * scale;
        yield { labels: { ...labels, quantile }, value };
      }
      yield { suffix: '_count', labels, value: histogram.count };
      yield { suffix: '_sum', labels, value: histogram.sum * scale };
    }
  }
  return { name, type: 'summary', help, samples: samples() };
}
