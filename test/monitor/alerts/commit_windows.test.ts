import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitWindows } from '../../../src/monitor/alerts/commit_windows.ts';
import { ClusterOffsets } from '../../../src/monitor/cluster_offsets.ts';

const of = { group: 'g', topic: 't', partition: 0 };

function offsetsEndingAt(end: bigint): ClusterOffsets {
  const offsets = new ClusterOffsets();
  offsets.set('t', 0, { oldest: 0n, end });
  return offsets;
}

test('the last ten commits of a partition are judged with its end as it is now', () => {
  const windows = new CommitWindows();
  for (let index = 0; index < 15; index++) windows.add(of, { offset: 5n, atMs: index * 1000, lag: 3n });
  const at = { nowMs: 14_000, allowedLag: 0n };
  assert.deepEqual(windows.judge(offsetsEndingAt(8n), at), [{ ...of, lag: 3n, verdict: 'stall' }]);
  assert.deepEqual(windows.judge(offsetsEndingAt(5n), at), [{ ...of, lag: 0n, verdict: 'ok' }]);
  // The end that was looked up may be older than the commit.
  assert.deepEqual(windows.judge(offsetsEndingAt(4n), at), [{ ...of, lag: 0n, verdict: 'ok' }]);
  // Nine seconds of commits, and nine seconds and a bit of silence.
  assert.equal(windows.judge(offsetsEndingAt(8n), { ...at, nowMs: 23_001 })[0]!.verdict, 'stop');
});

test('what nobody knows the end of is not judged, and what was deleted is gone', () => {
  const windows = new CommitWindows();
  windows.add(of, { offset: 5n, atMs: 0, lag: undefined });
  assert.deepEqual(windows.judge(new ClusterOffsets(), { nowMs: 0, allowedLag: 0n }), []);
  windows.remove(of);
  assert.equal(windows.size, 0);
});

test('a lag is told by partition, and not where it is not known', () => {
  const offsets = offsetsEndingAt(10n);
  const view = {
    id: 'g',
    type: 'classic',
    state: 'Stable',
    members: 1,
    offsets: new Map([
      ['t', new Map([[0, 4n]])],
      ['unknown', new Map([[0, 1n]])],
    ]),
  };
  assert.deepEqual(
    [...offsets.lagOf(view)],
    [
      { topic: 't', partition: 0, offset: 4n, lag: 6n },
      { topic: 'unknown', partition: 0, offset: 1n, lag: undefined },
    ],
  );
  offsets.retainTopics(topic => topic !== 't');
  assert.equal(offsets.of('t', 0), undefined);
});
