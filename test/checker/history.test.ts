import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHistory } from '../../src/checker/check_history.ts';
import { History, type HistoryEvent } from '../../src/checker/history.ts';
import { formatEvent, parseEvent } from '../../src/checker/history_format.ts';

const EVENTS: readonly HistoryEvent[] = [
  { type: 'invoke', process: 'p1', action: 'send', sends: [{ key: 'k-0', value: 'a' }] },
  { type: 'invoke', process: 'c1', action: 'poll' },
  { type: 'ok', process: 'p1', offsets: [7] },
  {
    type: 'ok',
    process: 'c1',
    polls: [{ key: 'k-0', records: [[7, 'a']] }],
    rebalanced: ['k-0'],
  },
  { type: 'invoke', process: 'p1', action: 'transaction', sends: [{ key: 'k-0', value: 3 }] },
  { type: 'info', process: 'p1', offsets: [null] },
];

test('a history is the same after it was written and read', () => {
  for (const event of EVENTS) assert.deepEqual(parseEvent(formatEvent(event)), event);
});

test('what else a writer notes is passed over', () => {
  assert.deepEqual(parseEvent('{"type":"info","process":"p","timeMs":4.5,"error":"timed out"}'), {
    type: 'info',
    process: 'p',
  });
});

const BAD: readonly [line: string, problem: RegExp][] = [
  ['{', /it is no JSON/],
  ['[]', /it is no JSON object/],
  ['{"type":"ok"}', /"process"/],
  ['{"type":"done","process":"p"}', /"type" is to be invoke, ok, fail or info, not "done"/],
  ['{"type":"invoke","process":"p","action":"delete"}', /"action"/],
  ['{"type":"invoke","process":"p","action":"send","sends":[{"key":"k"}]}', /"sends"/],
  ['{"type":"invoke","process":"p","action":"send","sends":{"key":"k","value":1}}', /"sends"/],
  ['{"type":"ok","process":"p","offsets":[-1]}', /"offsets"/],
  ['{"type":"ok","process":"p","offsets":[1.5]}', /"offsets"/],
  ['{"type":"ok","process":"p","polls":[{"key":"k","records":[[1]]}]}', /"polls"/],
  ['{"type":"ok","process":"p","polls":[{"key":"k","records":[[1,null]]}]}', /"polls"/],
  ['{"type":"ok","process":"p","rebalanced":[1]}', /"rebalanced"/],
];

for (const [line, problem] of BAD) {
  test(`refuses ${line}`, () => {
    const parsed = parseEvent(line);
    assert.ok(typeof parsed === 'string', 'it was taken');
    assert.match(parsed, problem);
  });
}

test('events are paired by their process, in the order of the invocations', () => {
  const history = new History();
  for (const event of EVENTS) assert.equal(history.add(event), undefined);
  const operations = history.operations();
  assert.deepEqual(
    operations.map(({ process, action, outcome, invokedAt, completedAt }) => ({
      process,
      action,
      outcome,
      span: [invokedAt, completedAt],
    })),
    [
      { process: 'p1', action: 'send', outcome: 'ok', span: [0, 2] },
      { process: 'c1', action: 'poll', outcome: 'ok', span: [1, 3] },
      { process: 'p1', action: 'transaction', outcome: 'info', span: [4, 5] },
    ],
  );
  assert.deepEqual(operations[0]!.sends, [{ key: 'k-0', value: 'a', offset: 7 }]);
  assert.deepEqual(operations[2]!.sends, [{ key: 'k-0', value: 3, offset: undefined }]);
  assert.deepEqual([...(operations[1]!.rebalanced ?? [])], ['k-0']);
});

test('an operation that never ended is one of unknown outcome', () => {
  const history = new History();
  assert.equal(
    history.add({ type: 'invoke', process: 'p', action: 'send', sends: [{ key: 'k', value: 1 }] }),
    undefined,
  );
  assert.equal(history.add({ type: 'invoke', process: 'c', action: 'poll' }), undefined);
  assert.equal(
    history.add({ type: 'ok', process: 'c', polls: [{ key: 'k', records: [[0, 1]] }] }),
    undefined,
  );
  const [send] = history.operations();
  assert.equal(send!.outcome, 'info');
  assert.equal(send!.completedAt, Infinity);
  const report = checkHistory(history, { subscribes: false, singleSends: true, retriesBlindly: false });
  assert.ok(typeof report !== 'string' && report.isValid);
});

test('a process that does two things at once is refused, and one that ends what it did not begin', () => {
  const history = new History();
  const invoke: HistoryEvent = { type: 'invoke', process: 'p', action: 'poll' };
  assert.match(history.add({ type: 'ok', process: 'p' })!, /did not begin/);
  assert.equal(history.add(invoke), undefined);
  assert.match(history.add(invoke)!, /before the one that it began has ended/);
  assert.match(
    history.add({ type: 'ok', process: 'p', offsets: [1] })!,
    /sent 0 records and was told 1 offsets/,
  );
  assert.equal(history.operationCount, 1);
});
