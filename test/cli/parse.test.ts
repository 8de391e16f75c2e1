import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Misuse } from '../../src/cli/exit_codes.ts';
import { parseCount, parsePairs, parsePartitions, parsePosition, parseTime } from '../../src/cli/parse.ts';

const NOW_MS = 1_700_000_000_000;

test('times', () => {
  const cases: readonly [string, bigint | undefined][] = [
    ['2024-01-31T12:00:00Z', 1_706_702_400_000n],
    ['@2024-01-31T12:00:00', 1_706_702_400_000n],
    ['2024-01-31T13:00:00+01:00', 1_706_702_400_000n],
    ['2024-01-31', 1_706_659_200_000n],
    ['@1706702400000', 1_706_702_400_000n],
    ['@-15m', BigInt(NOW_MS - 900_000)],
    ['-2d', BigInt(NOW_MS - 172_800_000)],
    ['-250ms', BigInt(NOW_MS - 250)],
    ['soon', undefined],
    ['-15', undefined],
    ['2024', undefined],
    ['2024-13-01', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    const time = parseTime(text, NOW_MS);
    if (expected === undefined) assert.ok(time instanceof Misuse, text);
    else assert.equal(time, expected, text);
  }
});

test('positions', () => {
  const cases: readonly [string, object | undefined][] = [
    ['start', { kind: 'earliest' }],
    ['end', { kind: 'latest' }],
    ['0', { kind: 'offset', offset: 0n }],
    ['9007199254740993', { kind: 'offset', offset: 9_007_199_254_740_993n }],
    ['-10', { kind: 'fromEnd', count: 10n }],
    ['+10', { kind: 'fromStart', count: 10n }],
    ['@-1h', { kind: 'time', timestampMs: BigInt(NOW_MS - 3_600_000) }],
    ['@', undefined],
    ['1.5', undefined],
    ['middle', undefined],
  ];
  for (const [text, expected] of cases) {
    const position = parsePosition(text, NOW_MS);
    if (expected === undefined) assert.ok(position instanceof Misuse, text);
    else assert.deepEqual(position, expected, text);
  }
});

test('partitions, counts and pairs', () => {
  assert.deepEqual(parsePartitions('3,0-2,1'), [0, 1, 2, 3]);
  for (const text of ['', 'a', '2-1', '0,', '-1', '0-99999999']) {
    assert.ok(parsePartitions(text) instanceof Misuse, text);
  }
  assert.equal(parseCount('7', '-n'), 7);
  for (const text of ['0', '-1', '1.5', 'x', '', '99999999999']) {
    assert.ok(parseCount(text, '-n') instanceof Misuse, text);
  }
  assert.deepEqual(parsePairs(['a=1', 'b=x=y', 'a=2', 'c='], '-c'), { a: '2', b: 'x=y', c: '' });
  assert.ok(parsePairs(['=1'], '-c') instanceof Misuse);
  assert.ok(parsePairs(['a'], '-c') instanceof Misuse);
});
