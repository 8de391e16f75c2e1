import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOf } from '../../scripts/bench/process_cost.ts';
import { median, Report } from '../../scripts/bench/report.ts';

test('medians of any number of runs', () => {
  const cases: [readonly number[], number | undefined][] = [
    [[], undefined],
    [[7], 7],
    [[9, 1, 4], 4],
    [[10, 9, 1, 4], 6.5],
  ];
  for (const [values, expected] of cases) assert.equal(median(values), expected);
});

test('the table of a bench: medians, how far the runs are apart, the share of the other', () => {
  const report = new Report(['Odradek', 'Kafka']);
  const cost = { what: 'produce', unit: 'CPU s/GB' } as const;
  for (const value of [3, 2, 4]) report.note('Odradek', cost, value);
  for (const value of [10, 12, 11]) report.note('Kafka', cost, value);
  report.note('Odradek', { what: 'ready', unit: 's' }, 0.25);
  assert.deepEqual(report.table().split('\n'), [
    '|  | unit | Odradek | Kafka | Odradek / Kafka |',
    '| --- | --- | --: | --: | --: |',
    '| produce | CPU s/GB | 3.00 (2.00–4.00) | 11.0 (10.0–12.0) | 0.27 |',
    '| ready | s | 0.25 | – |  |',
  ]);
  const alone = new Report(['Odradek']);
  alone.note('Odradek', cost, 123.4);
  assert.equal(alone.table().split('\n').at(-1), '| produce | CPU s/GB | 123 |');
});

const canTell = process.platform === 'linux' || process.platform === 'darwin';

test('what processes have used', { skip: canTell ? false : 'neither /proc nor ps here' }, () => {
  const before = costOf([process.pid]);
  assert.ok(before.residentMb > 10 && before.residentMb < 10_000, `${before.residentMb} MB`);
  while (process.cpuUsage().user / 1e6 < before.cpuSeconds + 0.05);
  assert.ok(costOf([process.pid]).cpuSeconds >= before.cpuSeconds);
  assert.deepEqual(costOf([2 ** 30]), { cpuSeconds: 0, residentMb: 0 });
});
