import type { Measure } from './phases.ts';

/** What was measured of some engines, any number of times. */
export class Report {
  readonly #engines: readonly string[];
  /** By measure, in the order in which they came: the values by engine. */
  readonly #rows = new Map<string, { readonly measure: Measure; readonly values: Map<string, number[]> }>();

  constructor(engines: readonly string[]) {
    this.#engines = engines;
  }

  note(engine: string, measure: Measure, value: number): void {
    let row = this.#rows.get(measure.what);
    if (row === undefined) {
      row = { measure, values: new Map() };
      this.#rows.set(measure.what, row);
    }
    const values = row.values.get(engine);
    if (values === undefined) row.values.set(engine, [value]);
    else values.push(value);
  }

  /** A table in Markdown: the medians, and with two engines the first's share of the second's. */
  table(): string {
    const hasRatio = this.#engines.length === 2;
    const heads = ['', 'unit', ...this.#engines, ...(hasRatio ? [`${this.#engines.join(' / ')}`] : [])];
    const lines = [heads, heads.map((_, index) => (index < 2 ? '---' : '--:'))];
    for (const { measure, values } of this.#rows.values()) {
      const medians = this.#engines.map(engine => median(values.get(engine) ?? []));
      const [ours, theirs] = medians;
      const ratio = ours === undefined || !theirs ? '' : (ours / theirs).toFixed(2);
      lines.push([
        measure.what,
        measure.unit,
        ...medians.map((value, index) => shown(value, values.get(this.#engines[index]!))),
        ...(hasRatio ? [ratio] : []),
      ]);
    }
    return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
  }

  toJSON(): unknown {
    return [...this.#rows.values()].map(({ measure, values }) => ({
      ...measure,
      values: Object.fromEntries(values),
    }));
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median, and behind it how far the runs were apart. */
function shown(value: number | undefined, values: readonly number[] = []): string {
  if (value === undefined) return '–';
  const text = rounded(value);
  if (values.length < 2) return text;
  return `${text} (${rounded(Math.min(...values))}–${rounded(Math.max(...values))})`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
