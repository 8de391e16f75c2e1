import { parseDocument } from 'yaml';
import { MAX_USER_RULES } from '../../model/limits.ts';
import type { Labels } from '../metric.ts';
import type { Severity } from './alert.ts';
import { type MetricExpression, parseDuration, parseExpression } from './metric_expression.ts';

/** A rule of a user's own. */
export interface UserRule {
  readonly name: string;
  /** As it was written. */
  readonly text: string;
  readonly expression: MetricExpression;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly annotations: Labels;
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_TEXT_LENGTH = 1000;
const SEVERITIES: readonly string[] = ['critical', 'warning', 'info'];
const KEYS: ReadonlySet<string> = new Set([
  'alert',
  'expr',
  'for',
  'keep_firing_for',
  'severity',
  'labels',
  'annotations',
]);

/**
 * Reads a file of rules. Its form is that of Prometheus' rules, with the groups or without:
 *
 *     rules:
 *       - alert: OrdersLag
 *         expr: kafka_consumergroup_lag{topic="orders"} > 1000
 *         for: 5m
 *         severity: critical
 *
 * @returns all that is wrong with it, each with the place
 */
export function parseUserRules(text: string): readonly UserRule[] | { readonly problems: readonly string[] } {
  if (text.length > MAX_FILE_BYTES) return { problems: [`it is larger than ${MAX_FILE_BYTES} bytes`] };
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) return { problems: document.errors.map(({ message }) => message.trim()) };
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [(error as Error).message] };
  }
  const entries = entriesOf(content);
  if (typeof entries === 'string') return { problems: [entries] };
  const problems: string[] = [];
  const rules: UserRule[] = [];
  const names = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const rule = parseRule(entry);
    const named =
      typeof entry === 'object' && entry !== null ? (entry as { alert?: unknown }).alert : undefined;
    const place = `rule ${index + 1}${typeof named === 'string' ? ` (${named})` : ''}`;
    if (typeof rule === 'string') problems.push(`${place}: ${rule}`);
    else if (names.has(rule.name)) problems.push(`${place}: there is another rule of that name`);
    else {
      names.add(rule.name);
      rules.push(rule);
    }
  }
  return problems.length > 0 ? { problems } : rules;
}

function entriesOf(content: unknown): readonly unknown[] | string {
  if (content === null || content === undefined) return [];
  const { rules, groups } = content as { rules?: unknown; groups?: unknown };
  const listed = Array.isArray(groups)
    ? groups.flatMap((group: { rules?: unknown } | null) => (Array.isArray(group?.rules) ? group.rules : []))
    : rules;
  if (!Array.isArray(listed)) return 'it must have a list named rules, or groups with such lists';
  if (listed.length > MAX_USER_RULES)
    return `it has ${listed.length} rules, and ${MAX_USER_RULES} are allowed`;
  return listed;
}

function parseRule(entry: unknown): UserRule | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be a map';
  const fields = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find(key => !KEYS.has(key));
  if (unknown !== undefined) return `"${unknown}" is not known: there are ${[...KEYS].join(', ')}`;
  const { alert, expr } = fields;
  if (typeof alert !== 'string' || !/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(alert))
    return 'alert must be a name of letters, digits and _';
  if (typeof expr !== 'string') return 'expr must be an expression';
  const expression = parseExpression(expr);
  if (typeof expression === 'string') return `expr ${expr}: ${expression}`;
  const forMs = durationOf(fields['for']);
  const keepFiringForMs = durationOf(fields['keep_firing_for']);
  if (forMs === undefined || keepFiringForMs === undefined)
    return 'for and keep_firing_for must be times such as 30s, 5m or 1h';
  const labels = textsOf(fields['labels']);
  const annotations = textsOf(fields['annotations']);
  if (labels === undefined || annotations === undefined)
    return 'labels and annotations must be maps of names and texts';
  const { severity: labelled, ...ownLabels } = labels;
  const severity = fields['severity'] ?? labelled ?? 'warning';
  if (typeof severity !== 'string' || !SEVERITIES.includes(severity))
    return `severity must be one of ${SEVERITIES.join(', ')}`;
  return {
    name: alert,
    text: expr,
    expression,
    forMs,
    keepFiringForMs,
    severity: severity as Severity,
    labels: ownLabels,
    annotations,
  };
}

function durationOf(value: unknown): number | undefined {
  if (value === undefined || value === 0) return 0;
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

function textsOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name === 'alertname') return undefined;
    if (typeof text !== 'string' && typeof text !== 'number' && typeof text !== 'boolean') return undefined;
    const written = String(text);
    if (written.length > MAX_TEXT_LENGTH) return undefined;
    texts[name] = written;
  }
  return texts;
}
