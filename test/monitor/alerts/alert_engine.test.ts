import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ALERTS_OF_RULE } from '../../../src/model/limits.ts';
import type { Evaluation, Finding } from '../../../src/monitor/alerts/alert.ts';
import { AlertEngine } from '../../../src/monitor/alerts/alert_engine.ts';

const FINDING: Finding = { labels: { topic: 't' }, value: 1, summary: 'Something.', command: 'odradek x' };

interface Rule {
  readonly forMs?: number;
  readonly keepFiringForMs?: number;
}

const evaluation = (isFound: boolean | 'unknown', rule: Rule = {}): Evaluation => ({
  name: 'Rule',
  severity: 'warning',
  forMs: rule.forMs ?? 0,
  keepFiringForMs: rule.keepFiringForMs ?? 0,
  findings: isFound === 'unknown' ? undefined : isFound ? [FINDING] : [],
});

/** What is found at which time (undefined: the rule is off), and the state then. */
type Step = readonly [atMs: number, isFound: boolean | 'unknown' | undefined, state: string | undefined];

const TABLE: readonly { readonly what: string; readonly rule?: Rule; readonly steps: readonly Step[] }[] = [
  {
    what: 'fires at once without a time to wait',
    steps: [
      [0, false, undefined],
      [1, true, 'firing'],
    ],
  },
  {
    what: 'is pending until it was found for long enough',
    rule: { forMs: 100 },
    steps: [
      [0, true, 'pending'],
      [99, true, 'pending'],
      [100, true, 'firing'],
      [101, true, 'firing'],
    ],
  },
  {
    what: 'begins anew when it was not found meanwhile',
    rule: { forMs: 100 },
    steps: [
      [0, true, 'pending'],
      [50, false, undefined],
      [60, true, 'pending'],
      [110, true, 'pending'],
      [160, true, 'firing'],
    ],
  },
  {
    what: 'resolves, is shown for a quarter of an hour, and is gone',
    steps: [
      [0, true, 'firing'],
      [10, false, 'resolved'],
      [900_009, false, 'resolved'],
      [900_010, false, undefined],
    ],
  },
  {
    what: 'goes on firing for a while where the rule says so',
    rule: { keepFiringForMs: 100 },
    steps: [
      [0, true, 'firing'],
      [99, false, 'firing'],
      [100, false, 'resolved'],
    ],
  },
  {
    what: 'stays as it is while nothing can be told',
    rule: { forMs: 10 },
    steps: [
      [0, true, 'pending'],
      [5, 'unknown', 'pending'],
      [10, true, 'firing'],
      [1000, 'unknown', 'firing'],
      [1001, false, 'resolved'],
    ],
  },
  {
    what: 'resolves when its rule is switched off',
    steps: [
      [0, true, 'firing'],
      [1, undefined, 'resolved'],
    ],
  },
  {
    what: 'is another alert when it comes back',
    rule: { forMs: 10 },
    steps: [
      [0, true, 'pending'],
      [10, true, 'firing'],
      [20, false, 'resolved'],
      [30, true, 'pending'],
      [40, true, 'firing'],
    ],
  },
  {
    what: 'fires when the clock was put back, rather than to wait for it',
    rule: { forMs: 100 },
    steps: [
      [1_000_000, true, 'pending'],
      [5, true, 'firing'],
    ],
  },
];

for (const { what, rule, steps } of TABLE) {
  test(`an alert ${what}`, () => {
    const engine = new AlertEngine();
    for (const [atMs, isFound, state] of steps) {
      engine.step(atMs, isFound === undefined ? [] : [evaluation(isFound, rule)]);
      assert.equal(engine.alerts[0]?.state, state, `at ${atMs} ms`);
    }
  });
}

test('an alert says since when it is', () => {
  const engine = new AlertEngine();
  engine.step(5, [evaluation(true, { forMs: 10 })]);
  engine.step(15, [evaluation(true, { forMs: 10 })]);
  assert.deepEqual(
    engine.alerts.map(({ sinceMs, foundMs, labels }) => ({ sinceMs, foundMs, labels })),
    [{ sinceMs: 5, foundMs: 15, labels: { topic: 't', alertname: 'Rule', severity: 'warning' } }],
  );
});

test('findings with other labels are other alerts', () => {
  const engine = new AlertEngine();
  const findings = ['a', 'b'].map(topic => ({ ...FINDING, labels: { topic } }));
  engine.step(0, [{ ...evaluation(true), findings }]);
  engine.step(1, [{ ...evaluation(true), findings: findings.slice(1) }]);
  assert.deepEqual(
    engine.alerts.map(({ labels, state }) => [labels['topic'], state]),
    [
      ['a', 'resolved'],
      ['b', 'firing'],
    ],
  );
});

test('a rule has so many alerts, and one for those beyond', () => {
  const engine = new AlertEngine();
  const findings = Array.from({ length: MAX_ALERTS_OF_RULE + 7 }, (_, index) => ({
    ...FINDING,
    labels: { partition: String(index) },
  }));
  engine.step(0, [{ ...evaluation(true), findings }]);
  assert.equal(engine.alerts.length, MAX_ALERTS_OF_RULE + 1);
  assert.match(engine.alerts.at(-1)!.annotations['summary']!, /^There are 7 more of Rule/);
});

test('another engine goes on where one was', () => {
  const first = new AlertEngine();
  first.step(0, [evaluation(true, { forMs: 100 })]);
  const second = new AlertEngine();
  second.restore(first.alerts);
  second.step(100, [evaluation(true, { forMs: 100 })]);
  assert.equal(second.alerts[0]!.state, 'firing');
  assert.equal(second.alerts[0]!.sinceMs, 0);
});
