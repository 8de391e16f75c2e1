import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_RESOLVED_ALERTS } from '../../../src/model/limits.ts';
import type { Alert } from '../../../src/monitor/alerts/alert.ts';
import { ResolvedAlerts } from '../../../src/monitor/alerts/resolved_alerts.ts';

function alert(fingerprint: string, sinceMs: number, state: Alert['state']): Alert {
  const resolvedMs = state === 'resolved' ? sinceMs + 1 : undefined;
  return {
    fingerprint,
    sinceMs,
    state,
    resolvedMs,
    labels: {},
    annotations: {},
    foundMs: 0,
    value: 1,
    causes: [],
  };
}

test('each time that an alert resolved is remembered once, the newest first', () => {
  const resolved = new ResolvedAlerts();
  resolved.note([alert('a', 1, 'resolved'), alert('b', 1, 'firing')]);
  resolved.note([alert('a', 1, 'resolved'), alert('b', 1, 'resolved')]);
  resolved.note([alert('a', 5, 'firing')]);
  resolved.note([alert('a', 5, 'resolved')]);
  assert.deepEqual(
    resolved.alerts.map(({ fingerprint, sinceMs }) => [fingerprint, sinceMs]),
    [
      ['a', 5],
      ['b', 1],
      ['a', 1],
    ],
  );
});

test('so many are remembered, and the oldest goes', () => {
  const resolved = new ResolvedAlerts();
  for (let index = 0; index < MAX_RESOLVED_ALERTS + 3; index++)
    resolved.note([alert('a', index, 'resolved')]);
  assert.equal(resolved.alerts.length, MAX_RESOLVED_ALERTS);
  assert.equal(resolved.alerts.at(-1)?.sinceMs, 3);
});
