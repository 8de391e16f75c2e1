import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Commit,
  type GroupVerdict,
  judgeGroup,
  judgePartition,
  type PartitionVerdict,
} from '../../../src/monitor/alerts/burrow.ts';

/** Commits a second apart, the last one at 9000 ms: offset and lag of each. */
const window = (...commits: readonly (readonly [offset: number, lag: number])[]): Commit[] =>
  commits.map(([offset, lag], index) => ({ offset: BigInt(offset), lag: BigInt(lag), atMs: index * 1000 }));

const rising = (lags: readonly number[]) => window(...lags.map((lag, index) => [index * 10, lag] as const));
const offsets = (values: readonly number[]) => window(...values.map(value => [value, 50] as const));
const GROWING = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const LAST_MS = 9000;

interface Case {
  readonly what: string;
  readonly commits: readonly Commit[];
  readonly lag?: number;
  readonly nowMs?: number;
  readonly allowed?: number;
  readonly verdict: PartitionVerdict;
}

const TABLE: readonly Case[] = [
  { what: 'no lag now, whatever was before', commits: rising(GROWING), lag: 0, verdict: 'ok' },
  { what: 'no more lag than is allowed', commits: rising(GROWING), lag: 20, allowed: 20, verdict: 'ok' },
  { what: 'one commit and a lag: the window is not whole', commits: rising([5]), nowMs: 1e9, verdict: 'ok' },
  { what: 'nine commits', commits: offsets([5, 5, 5, 5, 5, 5, 5, 5, 5]), verdict: 'ok' },
  { what: 'a lag that grows', commits: rising(GROWING), verdict: 'warn' },
  { what: 'a lag that stays', commits: rising([5, 5, 5, 5, 5, 5, 5, 5, 5, 5]), verdict: 'warn' },
  { what: 'a lag that fell once', commits: rising([5, 6, 7, 8, 7, 8, 9, 10, 11, 12]), verdict: 'ok' },
  {
    what: 'a lag of none within the window',
    commits: rising([0, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    verdict: 'ok',
  },
  {
    what: 'a lag within what is allowed in the window',
    commits: rising([5, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
    lag: 100,
    allowed: 5,
    verdict: 'ok',
  },
  { what: 'the same offset each time', commits: offsets(new Array(10).fill(7)), verdict: 'stall' },
  {
    what: 'the same offset each time, once without a lag',
    commits: window([7, 0], ...new Array(9).fill([7, 3])),
    verdict: 'ok',
  },
  {
    what: 'nothing for just as long as the window covers',
    commits: rising(GROWING),
    nowMs: 2 * LAST_MS,
    verdict: 'warn',
  },
  { what: 'nothing for longer than that', commits: rising(GROWING), nowMs: 2 * LAST_MS + 1, verdict: 'stop' },
  {
    what: 'nothing for long, and nothing to read',
    commits: rising(GROWING),
    lag: 0,
    nowMs: 1e9,
    verdict: 'ok',
  },
  { what: 'back, and stayed back', commits: offsets([1, 2, 3, 9, 4, 5, 6, 7, 8, 8]), verdict: 'rewind' },
  { what: 'back with the last commit', commits: offsets([1, 2, 3, 4, 5, 6, 7, 8, 9, 2]), verdict: 'rewind' },
  { what: 'back, and where it was again', commits: offsets([1, 2, 3, 9, 4, 5, 6, 7, 8, 9]), verdict: 'warn' },
  {
    what: 'back twice, the second time for good',
    commits: offsets([1, 9, 1, 9, 9, 3, 4, 5, 6, 7]),
    verdict: 'rewind',
  },
  {
    what: 'stopped after it went back: the first rule counts',
    commits: offsets([1, 2, 3, 9, 4, 5, 6, 7, 8, 8]),
    nowMs: 1e9,
    verdict: 'stop',
  },
  {
    what: 'went back, and was without lag: the first rule counts',
    commits: window([1, 9], [9, 0], [2, 9], [3, 9], [4, 9], [5, 9], [6, 9], [7, 9], [8, 9], [8, 9]),
    verdict: 'rewind',
  },
];

for (const { what, commits, lag = 10, nowMs = LAST_MS, allowed = 0, verdict } of TABLE) {
  test(`${verdict}: ${what}`, () => {
    assert.equal(judgePartition({ commits, currentLag: BigInt(lag), nowMs }, BigInt(allowed)), verdict);
  });
}

const GROUPS: readonly (readonly [PartitionVerdict[], GroupVerdict])[] = [
  [[], 'ok'],
  [['ok', 'ok'], 'ok'],
  [['ok', 'warn'], 'warn'],
  [['warn', 'stop'], 'error'],
  [['stall'], 'error'],
  [['rewind', 'ok'], 'error'],
];

for (const [partitions, verdict] of GROUPS) {
  test(`a group of ${partitions.join(', ') || 'no partitions'} is ${verdict}`, () => {
    assert.equal(judgeGroup(partitions), verdict);
  });
}
