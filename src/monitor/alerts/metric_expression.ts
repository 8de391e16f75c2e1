import { type Matcher, matcherProblem } from './matchers.ts';

/** What a sample is compared as. */
export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';

/** The change of a counter over time: in all, or a second. */
export interface Change {
  readonly kind: 'increase' | 'rate';
  readonly windowMs: number;
}

/** `increase(kafka_x_total{topic="a"}[5m]) > 10`, taken apart. */
export interface MetricExpression {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  readonly change: Change | undefined;
  readonly comparison: Comparison;
  readonly threshold: number;
}

const MAX_EXPRESSION_LENGTH = 1000;
const MIN_WINDOW_MS = 10_000;
const MAX_WINDOW_MS = 3_600_000;
const SELECTOR = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?$/s;
const CHANGE = /^(rate|increase)\s*\(\s*(.+?)\s*\[\s*([0-9a-z]+)\s*\]\s*\)$/s;
const WHOLE = /^(.*?)\s*(>=|<=|==|!=|>|<)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/s;
const MATCHER = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/s;

/**
 * Reads an expression: a metric with matchers, or `rate` or `increase` of one over a time, compared with a number.
 * @returns what is wrong with it, in words
 */
export function parseExpression(text: string): MetricExpression | string {
  if (text.length > MAX_EXPRESSION_LENGTH) return `it has more than ${MAX_EXPRESSION_LENGTH} characters`;
  const whole = WHOLE.exec(text.trim());
  if (whole === null) return 'it must end in a comparison with a number, such as "> 100"';
  const [, left, comparison, threshold] = whole as unknown as [string, string, Comparison, string];
  const changed = CHANGE.exec(left);
  let change: Change | undefined;
  if (changed !== null) {
    const windowMs = parseDuration(changed[3]!);
    if (windowMs === undefined || windowMs < MIN_WINDOW_MS || windowMs > MAX_WINDOW_MS)
      return `[${changed[3]}] must be a time from 10s to 1h`;
    change = { kind: changed[1] as Change['kind'], windowMs };
  }
  const selector = SELECTOR.exec(changed?.[2] ?? left);
  if (selector === null) return `"${left}" is no metric with matchers, and no rate or increase of one`;
  const matchers = parseMatchers(selector[2] ?? '');
  if (typeof matchers === 'string') return matchers;
  return { metric: selector[1]!, matchers, change, comparison, threshold: Number(threshold) };
}

function parseMatchers(text: string): Matcher[] | string {
  const matchers: Matcher[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = MATCHER.exec(rest);
    if (match === null) return `"${rest}" is no matcher such as topic="orders" or topic=~"a|b"`;
    const [whole, name, operator, quoted] = match as unknown as [string, string, string, string];
    const matcher = {
      name,
      value: quoted.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character)),
      isRegex: operator.endsWith('~'),
      isEqual: operator.startsWith('='),
    };
    const problem = matcherProblem(matcher);
    if (problem !== undefined) return problem;
    matchers.push(matcher);
    rest = rest.slice(whole.length);
  }
  return matchers;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `1h30m`, `90s`, `500ms` as milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d{1,9}(ms|s|m|h|d))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g))
    totalMs += Number(count) * UNITS_MS[unit!]!;
  return totalMs;
}

export function compares(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}
