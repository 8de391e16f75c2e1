import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseFormat, expose } from '../../src/monitor/exposition.ts';
import { counter, gauges, type MetricFamily } from '../../src/monitor/metric.ts';
import { parseExposition } from '../support/exposition.ts';

const FORMATS: readonly (readonly [accept: string | undefined, format: string])[] = [
  [undefined, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain', 'prometheus'],
  ['application/openmetrics-text', 'openmetrics'],
  // As Prometheus 2 and 3 ask.
  [
    'application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.66,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5', 'prometheus'],
  ['application/openmetrics-text;q=0', 'prometheus'],
];

for (const [accept, format] of FORMATS) {
  test(`${accept ?? 'nothing'} is answered in the format of ${format}`, () => {
    assert.equal(chooseFormat(accept), format);
  });
}

const FAMILIES: readonly MetricFamily[] = [
  counter({ name: 'jobs', help: 'Jobs.\nAll.' }, 12345678901234567890n),
  gauges({ name: 'depth', help: 'Depth \\ height.' }, [
    { labels: { path: 'C:\\a"b\nc' }, value: 1.5 },
    { labels: { path: '' }, value: Number.POSITIVE_INFINITY },
    { labels: {}, value: Number.NaN },
  ]),
];

const text = (options: Parameters<typeof expose>[1]) => [...expose(FAMILIES, options)].join('');

test('names, labels and values are written as Prometheus reads them', () => {
  const written = text({ format: 'prometheus', staticLabels: {} });
  assert.equal(
    written,
    `# HELP jobs_total Jobs.\\nAll.
# TYPE jobs_total counter
jobs_total 12345678901234567890
# HELP depth Depth \\\\ height.
# TYPE depth gauge
depth{path="C:\\\\a\\"b\\nc"} 1.5
depth{path=""} +Inf
depth NaN
`,
  );
  assert.deepEqual(parseExposition(written)[1], {
    name: 'depth',
    labels: { path: 'C:\\a"b\nc' },
    value: 1.5,
  });
});

test('OpenMetrics names the family of a counter without its suffix, and has an end', () => {
  const written = text({ format: 'openmetrics', staticLabels: { cluster: 'c1' } });
  assert.match(written, /^# TYPE jobs counter\njobs_total\{cluster="c1"\} 12345678901234567890$/m);
  assert.match(written, /^depth\{path="",cluster="c1"\} \+Inf$/m);
  assert.ok(written.endsWith('\n# EOF\n'));
});

test('a family without samples is left out', () => {
  const empty = gauges({ name: 'none', help: 'Nothing.' }, []);
  assert.equal([...expose([empty], { format: 'prometheus', staticLabels: {} })].join(''), '');
});

test('a large scrape comes in pieces, and samples are made as they are taken', () => {
  let made = 0;
  const samples = function* () {
    for (let value = 0; value < 10_000; value++) {
      made++;
      yield { labels: { value: String(value) }, value };
    }
  };
  const pieces = expose([gauges({ name: 'many', help: 'Many.' }, samples())], {
    format: 'prometheus',
    staticLabels: {},
  });
  const first = pieces.next().value as string;
  assert.equal(made, 1000);
  const rest = [...pieces];
  assert.equal(parseExposition([first, ...rest].join('')).length, 10_000);
});
