import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseExpression } from '../../../src/monitor/alerts/metric_expression.ts';
import { UserRuleEvaluator } from '../../../src/monitor/alerts/user_rule_evaluator.ts';
import { parseUserRules, type UserRule } from '../../../src/monitor/alerts/user_rules.ts';
import { counters, gauges, type MetricFamily } from '../../../src/monitor/metric.ts';

const matcher = (name: string, value: string, more = {}) => ({
  name,
  value,
  isRegex: false,
  isEqual: true,
  ...more,
});

const EXPRESSIONS: readonly (readonly [text: string, expected: object | RegExp])[] = [
  ['up > 1', { metric: 'up', matchers: [], change: undefined, comparison: '>', threshold: 1 }],
  ['  up==-1.5e3 ', { metric: 'up', comparison: '==', threshold: -1500 }],
  ['up{} != 0', { metric: 'up', matchers: [], comparison: '!=', threshold: 0 }],
  [
    'kafka_consumergroup_lag{topic="orders", consumergroup=~"a|b",} >= 1000',
    {
      metric: 'kafka_consumergroup_lag',
      matchers: [matcher('topic', 'orders'), matcher('consumergroup', 'a|b', { isRegex: true })],
      comparison: '>=',
      threshold: 1000,
    },
  ],
  ['x{a!="b > c"} <= 5', { matchers: [matcher('a', 'b > c', { isEqual: false })], threshold: 5 }],
  ['x{a!~"\\"q"} < 5', { matchers: [matcher('a', '"q', { isEqual: false, isRegex: true })] }],
  ['rate(x_total{a="b"}[5m]) > 2', { metric: 'x_total', change: { kind: 'rate', windowMs: 300_000 } }],
  ['increase( x_total [1m30s] ) > 0', { change: { kind: 'increase', windowMs: 90_000 } }],
  ['', /must end in a comparison/],
  ['up', /must end in a comparison/],
  ['up > high', /must end in a comparison/],
  ['sum(up) > 1', /is no metric with matchers/],
  ['up{a} > 1', /is no matcher/],
  ['up{a="b" c="d"} > 1', /is no matcher/],
  ['up{a=~"("} > 1', /is no regular expression/],
  ['rate(x[5y]) > 1', /must be a time from 10s to 1h/],
  ['rate(x[1s]) > 1', /must be a time from 10s to 1h/],
  [`${'x'.repeat(1000)} > 1`, /more than 1000 characters/],
];

for (const [text, expected] of EXPRESSIONS) {
  test(`"${text.slice(0, 60)}" ${expected instanceof RegExp ? 'is refused' : 'is read'}`, () => {
    const parsed = parseExpression(text);
    if (expected instanceof RegExp) assert.match(String(parsed), expected);
    else {
      assert.ok(typeof parsed !== 'string', String(parsed));
      assert.deepEqual({ ...parsed, ...expected }, parsed);
    }
  });
}

test('times are read as Prometheus writes them', () => {
  assert.deepEqual(['500ms', '90s', '5m', '1h30m', '2d', '0', '5', '-5m', 'm', ''].map(parseDuration), [
    500,
    90_000,
    300_000,
    5_400_000,
    172_800_000,
    0,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const rulesOf = (text: string): readonly UserRule[] => {
  const rules = parseUserRules(text);
  assert.ok(!('problems' in rules), JSON.stringify(rules));
  return rules;
};

test('a file of rules is read, in the form of Prometheus too', () => {
  const rules = rulesOf(`
groups:
  - name: mine
    rules:
      - alert: OrdersLag
        expr: kafka_consumergroup_lag{topic="orders"} > 1000
        for: 5m
        keep_firing_for: 1m
        labels: { severity: critical, team: shop }
        annotations: { summary: "{{ $labels.consumergroup }} is {{ $value }} behind" }
      - { alert: Two, expr: "up > 1", severity: info }
`);
  const [first, second] = rules;
  assert.equal(rules.length, 2);
  assert.deepEqual(
    { ...first, expression: undefined },
    {
      name: 'OrdersLag',
      text: 'kafka_consumergroup_lag{topic="orders"} > 1000',
      expression: undefined,
      forMs: 300_000,
      keepFiringForMs: 60_000,
      severity: 'critical',
      labels: { team: 'shop' },
      annotations: { summary: '{{ $labels.consumergroup }} is {{ $value }} behind' },
    },
  );
  assert.equal(second!.severity, 'info');
  assert.deepEqual(rulesOf(''), []);
});

const BAD_FILES: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
  ['no YAML', 'rules: [', /flow sequence/i],
  ['no list', 'rules: 5', /it must have a list named rules/],
  ['a rule that is no map', 'rules: [x]', /^rule 1: it must be a map$/],
  ['an unknown key', 'rules: [{alert: A, expr: "up > 1", fro: 5m}]', /^rule 1 \(A\): "fro" is not known/],
  ['a name that is none', 'rules: [{alert: "a b", expr: "up > 1"}]', /alert must be a name/],
  ['a bad expression', 'rules: [{alert: A, expr: up}]', /^rule 1 \(A\): expr up: it must end/],
  ['a bad time', 'rules: [{alert: A, expr: "up > 1", for: soon}]', /must be times/],
  ['a bad severity', 'rules: [{alert: A, expr: "up > 1", severity: bad}]', /severity must be one of/],
  ['a bad label', 'rules: [{alert: A, expr: "up > 1", labels: {alertname: B}}]', /labels and annotations/],
  [
    'a name twice',
    'rules: [{alert: A, expr: "up > 1"}, {alert: A, expr: "up > 2"}]',
    /^rule 2 \(A\): there is another/,
  ],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nrules: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
    /alias/i,
  ],
];

for (const [what, text, problem] of BAD_FILES) {
  test(`${what} is refused with its place`, () => {
    const rules = parseUserRules(text);
    assert.ok('problems' in rules);
    assert.match(rules.problems.join('\n'), problem);
  });
}

test('all that is wrong is said at once', () => {
  const rules = parseUserRules(
    'rules: [{alert: A, expr: up}, {alert: B, expr: "up > 1"}, {alert: "?", expr: "up > 1"}]',
  );
  assert.ok('problems' in rules);
  assert.equal(rules.problems.length, 2);
});

const lag = (values: Record<string, number>): MetricFamily =>
  gauges(
    { name: 'lag', help: 'Lag.' },
    Object.entries(values).map(([topic, value]) => ({ labels: { topic }, value })),
  );
const count = (value: number): MetricFamily =>
  counters({ name: 'errors', help: 'Errors.' }, [{ labels: { kind: 'a' }, value }]);

test('a rule finds the series that it compares true', () => {
  const rules = rulesOf(`rules:
  - { alert: A, expr: 'lag{topic=~"a|b"} > 5', annotations: { summary: '{{ $labels.topic }} lags by {{ $value }}' } }
  - { alert: B, expr: 'lag > 100' }`);
  const evaluations = new UserRuleEvaluator().evaluate(rules, [lag({ a: 6, b: 5, c: 50 }), count(1)], 0);
  assert.deepEqual(
    evaluations.map(({ name, findings }) => [name, findings]),
    [
      ['A', [{ labels: { topic: 'a' }, value: 6, summary: 'a lags by 6', command: 'odradek alert list' }]],
      ['B', []],
    ],
  );
});

test('increase and rate look at the past of a counter, over restarts', () => {
  const rules = rulesOf(`rules:
  - { alert: I, expr: 'increase(errors_total[1m]) >= 10' }
  - { alert: R, expr: 'rate(errors_total{kind="a"}[1m]) > 0.4' }`);
  const evaluator = new UserRuleEvaluator();
  const at = (seconds: number, value: number) =>
    evaluator
      .evaluate(rules, [count(value)], seconds * 1000)
      .map(({ findings }) => findings!.map(each => Math.round(each.value * 100) / 100));
  assert.deepEqual(at(0, 100), [[], []]);
  assert.deepEqual(at(10, 105), [[], [0.5]]);
  assert.deepEqual(at(20, 110), [[10], [0.5]]);
  // It began anew, and has counted 2 since.
  assert.deepEqual(at(30, 2), [[12], []]);
  assert.deepEqual(at(81, 2), [[], []]);
});
