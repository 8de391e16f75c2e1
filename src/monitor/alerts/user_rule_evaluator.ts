import { MAX_ALERTS_OF_RULE } from '../../model/limits.ts';
import { type Labels, type MetricFamily, sampleName } from '../metric.ts';
import type { Evaluation, Finding } from './alert.ts';
import { matchesAll } from './matchers.ts';
import { type Change, compares } from './metric_expression.ts';
import type { UserRule } from './user_rules.ts';

interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Series {
  readonly labels: Labels;
  readonly value: number;
}

/** Points of a counter that are remembered, over its window. */
const POINTS_A_WINDOW = 60;
/** Series of one rule whose past is remembered. */
const MAX_SERIES = 2_000;

/** Looks at users' rules; remembers the past of the counters that they ask for. */
export class UserRuleEvaluator {
  /** By rule, then series. */
  readonly #points = new Map<UserRule, Map<string, Point[]>>();

  /**
   * @param families the metrics, made only as far as rules ask for them
   * @param nowMs monotonic
   */
  evaluate(rules: readonly UserRule[], families: Iterable<MetricFamily>, nowMs: number): Evaluation[] {
    for (const rule of this.#points.keys()) if (!rules.includes(rule)) this.#points.delete(rule);
    const series = seriesOf(new Set(rules.map(rule => rule.expression.metric)), families);
    return rules.map(rule => this.#evaluate(rule, series.get(rule.expression.metric) ?? [], nowMs));
  }

  #evaluate(rule: UserRule, all: readonly Series[], nowMs: number): Evaluation {
    const { expression, name, severity, forMs, keepFiringForMs, labels, annotations } = rule;
    const { matchers, change, comparison, threshold } = expression;
    const findings: Finding[] = [];
    for (const series of all) {
      if (!matchesAll(series.labels, matchers)) continue;
      const value = change === undefined ? series.value : this.#change(rule, series, { change, nowMs });
      if (value === undefined || !compares(value, comparison, threshold)) continue;
      if (findings.length <= MAX_ALERTS_OF_RULE) findings.push(findingOf(rule, series.labels, value));
    }
    const filled = Object.fromEntries(
      Object.entries(annotations).filter(([key]) => key !== 'summary' && key !== 'command'),
    );
    return { name, severity, forMs, keepFiringForMs, labels, annotations: filled, findings };
  }

  /** How much a counter grew within the window, or a second; undefined before there are two points. */
  #change(
    rule: UserRule,
    { labels, value }: Series,
    { change, nowMs }: { readonly change: Change; readonly nowMs: number },
  ): number | undefined {
    let ofRule = this.#points.get(rule);
    if (ofRule === undefined) {
      ofRule = new Map();
      this.#points.set(rule, ofRule);
    }
    const key = JSON.stringify(labels);
    let points = ofRule.get(key);
    if (points === undefined) {
      if (ofRule.size >= MAX_SERIES) return undefined;
      points = [];
      ofRule.set(key, points);
    }
    const { windowMs, kind } = change;
    while (points.length > 0 && nowMs - points[0]!.atMs > windowMs) points.shift();
    const last = points.at(-1);
    const grown = growth(points, value);
    const first = points[0];
    if (last === undefined || nowMs - last.atMs >= windowMs / POINTS_A_WINDOW) {
      points.push({ atMs: nowMs, value });
    }
    if (first === undefined || nowMs === first.atMs) return undefined;
    return kind === 'increase' ? grown : grown / ((nowMs - first.atMs) / 1000);
  }
}

/** A counter that fell began anew: what it counted since is growth. */
function growth(points: readonly Point[], current: number): number {
  let grown = 0;
  for (const [index, { value }] of points.entries()) {
    const next = points[index + 1]?.value ?? current;
    grown += next >= value ? next - value : next;
  }
  return grown;
}

function seriesOf(
  metrics: ReadonlySet<string>,
  families: Iterable<MetricFamily>,
): ReadonlyMap<string, readonly Series[]> {
  const found = new Map<string, Series[]>();
  if (metrics.size === 0) return found;
  for (const family of families) {
    const isAsked = ['', '_total', '_count', '_sum'].some(suffix => metrics.has(family.name + suffix));
    if (!isAsked) continue;
    for (const sample of family.samples) {
      const name = sampleName(family, sample);
      if (!metrics.has(name)) continue;
      const series = { labels: sample.labels, value: Number(sample.value) };
      const all = found.get(name);
      if (all === undefined) found.set(name, [series]);
      else all.push(series);
    }
  }
  return found;
}

function findingOf({ name, text, annotations }: UserRule, labels: Labels, value: number): Finding {
  const fill = (template: string) => filled(template, labels, value);
  const of = Object.entries(labels)
    .map(([key, each]) => `${key} ${each}`)
    .join(', ');
  const summary = annotations['summary'] ?? annotations['description'];
  return {
    labels,
    value,
    summary:
      summary === undefined
        ? `${name}: ${text} is so${of === '' ? '' : ` for ${of}`}, the value being ${value}.`
        : fill(summary),
    command: fill(annotations['command'] ?? 'odradek alert list'),
  };
}

/** Puts labels and the value where Prometheus' templates name them: `{{ $labels.topic }}`, `{{ $value }}`. */
function filled(template: string, labels: Labels, value: number): string {
  return template
    .replace(/\{\{\s*\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}/g, (_, name: string) => labels[name] ?? '')
    .replace(/\{\{\s*\$value\s*\}\}/g, String(value));
}
