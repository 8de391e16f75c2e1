import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE_RULES, type NodeAlertView } from '../../../src/monitor/alerts/node_rules.ts';
import { SpaceHistory } from '../../../src/monitor/alerts/space_history.ts';

const GIB = 2 ** 30;
const WELL: NodeAlertView = {
  nodeId: 2,
  leaderId: 1,
  directories: [
    {
      path: '/d',
      failure: undefined,
      space: { totalBytes: 100 * GIB, usableBytes: 50 * GIB, predictedBytes: 49 * GIB },
    },
  ],
  idleFraction: 0.9,
  latencies: [{ request: 'Produce', p95Ms: 10 }],
  certificates: [{ subject: 'SSL', daysLeft: 90 }],
  sinks: [{ name: 'slack', failure: undefined }],
};
const withSpace = (
  usableBytes: number,
  predictedBytes: number | undefined = usableBytes,
): Partial<NodeAlertView> => ({
  directories: [
    { path: '/d', failure: undefined, space: { totalBytes: 100 * GIB, usableBytes, predictedBytes } },
  ],
});

interface Case {
  readonly rule: string;
  readonly view: Partial<NodeAlertView>;
  readonly threshold?: number;
  readonly summary: RegExp | undefined;
}

const TABLE: readonly Case[] = [
  { rule: 'NoActiveController', view: { leaderId: undefined }, summary: /^Nobody leads the quorum/ },
  {
    rule: 'OfflineLogDirectory',
    view: { directories: [{ path: '/d', failure: 'EIO', space: undefined }] },
    summary: /^Log directory \/d of broker 2 failed: EIO\.$/,
  },
  { rule: 'RunningOutOfSpace', view: withSpace(15 * GIB), threshold: 0.15, summary: undefined },
  {
    rule: 'RunningOutOfSpace',
    view: withSpace(14 * GIB),
    threshold: 0.15,
    summary: /has 14 % of its space left \(14 GiB\)\.$/,
  },
  { rule: 'OutOfSpace', view: withSpace(GIB), threshold: GIB, summary: undefined },
  { rule: 'OutOfSpace', view: withSpace(GIB / 2), threshold: GIB, summary: /has only 512 MiB left\.$/ },
  { rule: 'OutOfSpaceSoon', view: withSpace(9 * GIB, undefined), threshold: GIB, summary: undefined },
  {
    rule: 'OutOfSpaceSoon',
    view: withSpace(9 * GIB, -5),
    threshold: GIB,
    summary: /is filling up: at this rate it has 0 B left in half an hour\.$/,
  },
  { rule: 'RequestHandlerIdle', view: { idleFraction: 0.3 }, threshold: 0.3, summary: undefined },
  {
    rule: 'RequestHandlerIdle',
    view: { idleFraction: 0.29 },
    threshold: 0.3,
    summary: /^Node 2 was idle for 29 % of the last minute/,
  },
  {
    rule: 'RequestLatency',
    view: { latencies: [{ request: 'Produce', p95Ms: 150.4 }] },
    threshold: 100,
    summary: /^5 % of the Produce requests at node 2 take more than 150 ms\.$/,
  },
  {
    rule: 'CertificateExpiration',
    view: { certificates: [{ subject: 'SSL', daysLeft: 29.5 }] },
    threshold: 30,
    summary: /^The certificate of SSL at node 2 expires in 29 days\.$/,
  },
  {
    rule: 'CertificateExpirationImminent',
    view: { certificates: [{ subject: 'SSL', daysLeft: -1 }] },
    threshold: 5,
    summary: /has expired/,
  },
  {
    rule: 'AlertSinkFailing',
    view: { sinks: [{ name: 'slack', failure: 'it answered 500' }] },
    summary: /^Node 2 can't send alerts to slack: it answered 500$/,
  },
];

for (const { rule, view, threshold = 0, summary } of TABLE) {
  test(`${rule} with ${JSON.stringify(view).slice(0, 90)}`, () => {
    const findings = NODE_RULES.find(({ name }) => name === rule)!.find({ ...WELL, ...view }, threshold)!;
    assert.equal(findings.length, summary === undefined ? 0 : 1);
    if (summary !== undefined) assert.match(findings[0]!.summary, summary);
  });
}

test('nothing is found where all is well', () => {
  const thresholds: Record<string, number> = {
    RunningOutOfSpace: 0.15,
    RequestHandlerIdle: 0.3,
    RequestLatency: 100,
  };
  for (const { name, find } of NODE_RULES) assert.deepEqual(find(WELL, thresholds[name] ?? 1), [], name);
});

test('the room that will be left is told by the line through the last half hour', () => {
  const history = new SpaceHistory();
  const at = (minute: number) => minute * 60_000;
  for (let minute = 0; minute <= 9; minute++) history.add('/d', 1000 - minute * 10, at(minute));
  assert.equal(history.predict('/d', at(9)), undefined);
  history.add('/d', 900, at(10));
  assert.equal(Math.round(history.predict('/d', at(10))!), 600);
  assert.equal(history.predict('/other', at(10)), undefined);
  // A minute has one point.
  history.add('/d', 0, at(10) + 1);
  assert.equal(Math.round(history.predict('/d', at(10))!), 600);
});
