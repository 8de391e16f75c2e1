/** Label values by name, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Added to the family's name: `_count`, `_total`. */
  readonly suffix?: string;
  readonly labels: Labels;
  readonly value: number | bigint;
}

/**
 * What a family's samples are. A counter's samples end in `_total`, and its name does not; a summary's are quantiles
 * with `_count` and `_sum` beside them; an `info` says something by its labels and is 1.
 */
export type MetricType = 'gauge' | 'counter' | 'summary';

/** All samples of one name. They are made while they are iterated, so that a large scrape can be made in pieces. */
export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly samples: Iterable<Sample>;
}

export const NO_LABELS: Labels = Object.freeze({});

interface FamilyFacts {
  readonly name: string;
  readonly help: string;
}

/** One number that may fall. */
export function gauge(facts: FamilyFacts, value: number | bigint): MetricFamily {
  return { ...facts, type: 'gauge', samples: [{ labels: NO_LABELS, value }] };
}

export function gauges(facts: FamilyFacts, samples: Iterable<Sample>): MetricFamily {
  return { ...facts, type: 'gauge', samples };
}

/** One number that never falls while the node runs. The name has no `_total`. */
export function counter(facts: FamilyFacts, value: number | bigint): MetricFamily {
  return { ...facts, type: 'counter', samples: [{ labels: NO_LABELS, value }] };
}

export function counters(facts: FamilyFacts, samples: Iterable<Sample>): MetricFamily {
  return { ...facts, type: 'counter', samples };
}

/** The name under which a sample is found. */
export function sampleName({ name, type }: MetricFamily, { suffix }: Sample): string {
  return `${name}${suffix ?? (type === 'counter' ? '_total' : '')}`;
}
