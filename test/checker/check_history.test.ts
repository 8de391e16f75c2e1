import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnomalyType } from '../../src/checker/anomaly.ts';
import { type CheckOptions, checkHistory } from '../../src/checker/check_history.ts';
import { describeReport } from '../../src/checker/describe_report.ts';
import type { Outcome, Value } from '../../src/checker/history.ts';
import { HistoryWriter } from '../support/history_writer.ts';

const OPTIONS: CheckOptions = { subscribes: false, singleSends: true, retriesBlindly: false };

function check(write: (history: HistoryWriter) => void, options: Partial<CheckOptions> = {}) {
  const writer = new HistoryWriter();
  write(writer);
  const report = checkHistory(writer.history, { ...OPTIONS, ...options });
  assert.ok(typeof report !== 'string', String(report));
  return report;
}

interface Planted {
  readonly name: string;
  readonly write: (history: HistoryWriter) => void;
  readonly options?: Partial<CheckOptions>;
  /** What is found, with the indexes of the operations that show the first of each. */
  readonly found: Partial<Record<AnomalyType, readonly number[]>>;
}

const PLANTED: readonly Planted[] = [
  {
    name: 'two polls that see different values at an offset',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.send('p2', 'k', 'b');
      history.poll('c1', { k: [[0, 'a']] });
      history.poll('c2', { k: [[0, 'b']] });
    },
    found: { 'inconsistent-offsets': [2, 3] },
  },
  {
    name: 'a poll that sees another value than was acknowledged at the offset',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.send('p2', 'k', 'b', 1);
      history.poll('c1', {
        k: [
          [0, 'b'],
          [1, 'a'],
        ],
      });
    },
    found: {
      'inconsistent-offsets': [0, 2],
      duplicate: [1, 2],
      'int-nonmonotonic-poll': [2],
      'G0-realtime': [0, 1],
    },
  },
  {
    name: 'a value at two offsets',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [1, 'a'],
        ],
      });
    },
    found: { duplicate: [0, 1], 'int-nonmonotonic-poll': [1] },
  },
  {
    name: 'an acknowledged value that readers passed over',
    write: history => {
      for (const [offset, value] of ['a', 'b', 'c'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [2, 'c'],
        ],
      });
    },
    found: { 'lost-write': [1, 3], unseen: [1], 'int-poll-skip': [3] },
  },
  {
    name: 'a transaction of unknown outcome, half of which was read',
    write: history => {
      history.transaction('p1', { sends: [['k', 'a', 0] as const, ['l', 'x', 0] as const] }, 'info');
      history.send('p2', 'l', 'y', 1);
      history.poll('c1', { k: [[0, 'a']], l: [[1, 'y']] });
    },
    options: { singleSends: false },
    found: { 'lost-write': [0, 2] },
  },
  {
    name: 'an acknowledged value behind everything that was read',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.send('p1', 'k', 'b', 1);
      history.poll('c1', { k: [[0, 'a']] });
    },
    found: { unseen: [1] },
  },
  {
    name: 'an acknowledged value of unknown offset that nobody read',
    write: history => history.send('p1', 'k', 'a'),
    found: { unseen: [0] },
  },
  {
    name: 'a value that was read though sending it failed',
    write: history => {
      history.send('p1', 'k', 'a', undefined, 'fail');
      history.poll('c1', { k: [[0, 'a']] });
    },
    found: { 'aborted-read': [0, 1] },
  },
  {
    name: 'a value that nobody sent',
    write: history => history.poll('c1', { k: [[0, 'a']] }),
    found: { 'unwritten-read': [0] },
  },
  {
    name: 'a transaction that reads itself',
    write: history =>
      history.transaction('p1', { sends: [['k', 'a', 0] as const], polls: { k: [[0, 'a']] } }),
    options: { singleSends: false },
    found: { 'precommitted-read': [0] },
  },
  {
    name: 'polls within one operation that skip and go back',
    write: history => {
      for (const [offset, value] of [...'abcd'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [3, 'd'],
          [2, 'c'],
        ],
      });
      history.poll('c2', {
        k: [
          [1, 'b'],
          [2, 'c'],
        ],
      });
    },
    found: { 'int-poll-skip': [4], 'int-nonmonotonic-poll': [4] },
  },
  {
    name: 'polls of a process that skip',
    write: history => {
      for (const [offset, value] of [...'abc'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c1', { k: [[0, 'a']] });
      history.poll('c1', { k: [[2, 'c']] });
      history.poll('c2', {
        k: [
          [0, 'a'],
          [1, 'b'],
        ],
      });
    },
    found: { 'poll-skip': [3, 4] },
  },
  {
    name: 'polls of a process that go back',
    write: history => {
      for (const [offset, value] of [...'ab'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [1, 'b'],
        ],
      });
      history.poll('c1', { k: [[1, 'b']] });
    },
    found: { 'nonmonotonic-poll': [2, 3] },
  },
  {
    name: 'records of one operation out of order',
    write: history => {
      history.sendAll('p1', [
        ['k', 'a', 1],
        ['k', 'b', 0],
      ]);
      history.poll('c1', {
        k: [
          [0, 'b'],
          [1, 'a'],
        ],
      });
    },
    options: { singleSends: false },
    found: { 'int-nonmonotonic-send': [0] },
  },
  {
    name: 'a process whose later record is before its earlier one',
    write: history => {
      history.send('p1', 'k', 'a', 1);
      history.send('p1', 'k', 'b', 0);
      history.poll('c1', {
        k: [
          [0, 'b'],
          [1, 'a'],
        ],
      });
    },
    found: { 'nonmonotonic-send': [0, 1], 'G0-process': [0, 1] },
  },
  {
    name: 'a record that is before one that was acknowledged before it was sent',
    write: history => {
      history.send('p1', 'k', 'a', 1);
      history.send('p2', 'k', 'b', 0);
      history.poll('c1', {
        k: [
          [0, 'b'],
          [1, 'a'],
        ],
      });
    },
    found: { 'G0-realtime': [0, 1] },
  },
  {
    name: 'two operations that each wrote before the other',
    write: history => {
      history.sendAll('p1', [
        ['k', 'a', 0],
        ['l', 'b', 1],
      ]);
      history.sendAll('p2', [
        ['k', 'c', 1],
        ['l', 'd', 0],
      ]);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [1, 'c'],
        ],
        l: [
          [0, 'd'],
          [1, 'b'],
        ],
      });
    },
    found: { G0: [0, 1] },
  },
  {
    name: 'two transactions that each read the other',
    write: history => {
      history.transaction('p1', { sends: [['k', 'a', 0]], polls: { l: [[0, 'b']] } });
      history.transaction('p2', { sends: [['l', 'b', 0]], polls: { k: [[0, 'a']] } });
    },
    options: { singleSends: false },
    found: { G1c: [0, 1] },
  },
  {
    name: 'a poll that saw a record of a later operation of its process',
    write: history => {
      history.poll('p1', { k: [[0, 'a']] });
      history.send('p1', 'k', 'a', 0);
    },
    found: { 'G1c-process': [0, 1] },
  },
  {
    name: 'a poll that had ended before the record was sent that it saw',
    write: history => {
      history.poll('c1', { k: [[0, 'a']] });
      history.send('p1', 'k', 'a', 0);
    },
    found: { 'G1c-realtime': [0, 1] },
  },
];

for (const { name, write, options, found } of PLANTED) {
  test(`finds ${name}`, () => {
    const report = check(write, options);
    assert.equal(report.isValid, false);
    const first: Partial<Record<AnomalyType, readonly number[]>> = {};
    for (const { type, operations } of report.anomalies) {
      first[type] ??= operations.map(({ index }) => index);
    }
    assert.deepEqual(first, found, describeReport(report));
  });
}

const CLEAN: readonly {
  name: string;
  write: (history: HistoryWriter) => void;
  options?: Partial<CheckOptions>;
}[] = [
  {
    name: 'nothing at all',
    write: () => {},
  },
  {
    name: 'gaps of the offsets, where markers of transactions are',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.send('p1', 'k', 'b', 2);
      history.poll('c1', { k: [[0, 'a']] });
      history.poll('c1', { k: [[2, 'b']] });
    },
  },
  {
    name: 'an operation of unknown outcome that did not happen, one that did, and one that failed',
    write: history => {
      history.send('p1', 'k', 'a', undefined, 'info');
      history.send('p1', 'k', 'b', undefined, 'info');
      history.send('p1', 'k', 'c', undefined, 'fail');
      history.poll('c1', { k: [[0, 'b']] });
    },
  },
  {
    name: 'what was of unknown outcome appears behind what its process sent next',
    write: history => {
      history.send('p1', 'k', 'a', undefined, 'info');
      history.send('p1', 'k', 'b', 0);
      history.poll('c1', {
        k: [
          [0, 'b'],
          [1, 'a'],
        ],
      });
    },
  },
  {
    name: 'a process that reads from the start again after an assignment',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.poll('c1', { k: [[0, 'a']] });
      history.assign('c1');
      history.poll('c1', { k: [[0, 'a']] });
    },
  },
  {
    name: 'a key that came to a process during its poll',
    write: history => {
      for (const [offset, value] of [...'abc'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c2', {
        k: [
          [0, 'a'],
          [1, 'b'],
          [2, 'c'],
        ],
      });
      history.poll('c1', { k: [[0, 'a']] });
      history.poll('c1', { k: [[2, 'c']] }, { rebalanced: ['k'] });
    },
  },
  {
    name: 'processes of a group that hand a key to each other',
    write: history => {
      for (const [offset, value] of [...'abc'].entries()) history.send('p1', 'k', value, offset);
      history.poll('c1', { k: [[0, 'a']] });
      history.poll('c2', { k: [[1, 'b']] });
      history.poll('c1', { k: [[2, 'c']] });
    },
    options: { subscribes: true },
  },
  {
    name: 'a record that was sent again and is there twice',
    write: history => {
      history.send('p1', 'k', 'a', 0);
      history.send('p2', 'k', 'b', 1);
      history.poll('c1', {
        k: [
          [0, 'a'],
          [1, 'b'],
          [2, 'a'],
        ],
      });
    },
    options: { singleSends: false, retriesBlindly: true },
  },
  {
    name: 'transactions that write side by side',
    write: history => {
      history.transaction('p1', { sends: [['k', 'a', 0] as const, ['l', 'b', 1] as const] });
      history.transaction('p2', { sends: [['k', 'c', 1] as const, ['l', 'd', 0] as const] });
      history.poll('c1', {
        k: [
          [0, 'a'],
          [1, 'c'],
        ],
        l: [
          [0, 'd'],
          [1, 'b'],
        ],
      });
    },
    options: { singleSends: false },
  },
];

for (const { name, write, options } of CLEAN) {
  test(`finds nothing in ${name}`, () => {
    const report = check(write, options);
    assert.deepEqual(report.anomalies, [], describeReport(report));
    assert.equal(report.isValid, true);
  });
}

test('cycles through the order of writes are counted where they are right', () => {
  const report = check(CLEAN.at(-1)!.write, CLEAN.at(-1)!.options);
  assert.deepEqual([...report.toleratedCounts], [['G0', 1]]);
});

test('a value that is sent twice makes the history useless', () => {
  const writer = new HistoryWriter();
  writer.send('p1', 'k', 'a', 0);
  writer.send('p1', 'k', 'a', 1);
  assert.equal(
    checkHistory(writer.history, OPTIONS),
    'The value "a" is sent to k twice: each value has to be sent once',
  );
});

test('the report names the operations', () => {
  const report = check(history => {
    history.send('p1', 'k', 'a', 0);
    history.send('p2', 'k', 7, 1);
    history.poll('c1', { k: [[1, 7]] });
  });
  assert.equal(
    describeReport(report),
    [
      'anomalies in 3 operations, 2 records acknowledged, 1 read: lost-write (1), unseen (1)',
      '  lost-write: "a" was written to k at offset 0 and never read, though offset 1 was',
      '    #0 p1 send ok: sent "a" to k at 0',
      '    #2 c1 poll ok: k: 1=7',
      '  unseen: "a" was written to k, and acknowledged, and nobody read it',
      '    #0 p1 send ok: sent "a" to k at 0',
    ].join('\n'),
  );
});

/** `count` records by several producers, some lost in unknown ways, read in polls of 50 by two consumers. */
function longHistory(count: number): HistoryWriter {
  const writer = new HistoryWriter();
  const keys = ['k-0', 'k-1', 'k-2', 'k-3'];
  const logs = new Map<string, [number, Value][]>(keys.map(key => [key, []]));
  for (let value = 0; value < count; value++) {
    const key = keys[value % keys.length]!;
    const outcome: Outcome = value % 97 === 0 ? 'info' : 'ok';
    const log = logs.get(key)!;
    const offset = log.length;
    if (value % 194 !== 0) log.push([offset, value]);
    writer.send(`p${value % 7}`, key, value, outcome === 'ok' ? offset : undefined, outcome);
  }
  for (const process of ['c1', 'c2']) {
    for (const [key, records] of logs) {
      for (let from = 0; from < records.length; from += 50) {
        writer.poll(process, { [key]: records.slice(from, from + 50) });
      }
    }
  }
  return writer;
}

test('time and memory grow with the history alone', () => {
  const { history } = longHistory(200_000);
  const before = process.cpuUsage();
  const report = checkHistory(history, OPTIONS);
  const { user } = process.cpuUsage(before);
  assert.ok(typeof report !== 'string');
  assert.deepEqual(report.anomalies, []);
  assert.equal(report.polledCount, 2 * (200_000 - Math.ceil(200_000 / 194)));
  // Quadratic work would take minutes.
  assert.ok(user < 20e6, `${user / 1e6} s`);
});
