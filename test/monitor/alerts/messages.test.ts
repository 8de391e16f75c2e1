import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../src/monitor/alerts/alert.ts';
import {
  alertmanagerBody,
  mailOf,
  pagerdutyBody,
  sentenceOf,
  slackBody,
  webhookBody,
} from '../../../src/monitor/alerts/messages.ts';
import type { Notification } from '../../../src/monitor/alerts/notifier.ts';

const SINCE_MS = Date.parse('2026-11-30T12:00:00Z');
const context = { externalUrl: 'http://console:9080', clusterId: 'c1', nowMs: SINCE_MS + 5000 };

const alert = (broker: string, resolvedMs?: number): Alert => ({
  fingerprint: `f${broker}`,
  labels: { broker, alertname: 'BrokerDown', severity: 'critical' },
  annotations: { summary: `Broker ${broker} is <not> alive.`, command: `odradek broker describe ${broker}` },
  state: resolvedMs === undefined ? 'firing' : 'resolved',
  sinceMs: SINCE_MS,
  foundMs: SINCE_MS,
  resolvedMs,
  value: 1,
  causes: [],
});

const notification = (...alerts: Alert[]): Notification => ({
  groupKey: '{}:{alertname="BrokerDown"}',
  groupLabels: { alertname: 'BrokerDown', severity: 'critical' },
  alerts,
});

const both = notification(alert('1'), alert('2', SINCE_MS + 1000));
const over = notification(alert('2', SINCE_MS + 1000));

test('an alert says what, since when, and what helps', () => {
  assert.equal(
    sentenceOf(alert('1')),
    'Broker 1 is <not> alive. Since 2026-11-30T12:00:00.000Z. See: odradek broker describe 1',
  );
});

test("a webhook has Alertmanager's form", () => {
  const firing = webhookBody(both, context) as Record<string, unknown> & {
    alerts: Record<string, unknown>[];
  };
  assert.deepEqual(Object.keys(firing), [
    'version',
    'groupKey',
    'truncatedAlerts',
    'status',
    'receiver',
    'groupLabels',
    'commonLabels',
    'commonAnnotations',
    'externalURL',
    'alerts',
  ]);
  assert.equal(firing['version'], '4');
  assert.equal(firing['status'], 'firing');
  assert.deepEqual(firing['commonLabels'], { alertname: 'BrokerDown', severity: 'critical' });
  assert.deepEqual(firing['commonAnnotations'], {});
  assert.deepEqual(
    firing.alerts.map(({ status, startsAt, endsAt, fingerprint, generatorURL }) => ({
      status,
      startsAt,
      endsAt,
      fingerprint,
      generatorURL,
    })),
    [
      {
        status: 'firing',
        startsAt: '2026-11-30T12:00:00.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        fingerprint: 'f1',
        generatorURL: 'http://console:9080',
      },
      {
        status: 'resolved',
        startsAt: '2026-11-30T12:00:00.000Z',
        endsAt: '2026-11-30T12:00:01.000Z',
        fingerprint: 'f2',
        generatorURL: 'http://console:9080',
      },
    ],
  );
  assert.equal((webhookBody(over, context) as { status: string }).status, 'resolved');
});

test('Alertmanager is told when an alert ends if it hears no more of it', () => {
  const [firing, resolved] = alertmanagerBody(both.alerts, context) as { endsAt: string }[];
  assert.equal(firing!.endsAt, '2026-11-30T12:04:05.000Z');
  assert.equal(resolved!.endsAt, '2026-11-30T12:00:01.000Z');
  const [bare] = alertmanagerBody(over.alerts, { ...context, externalUrl: '' }) as object[];
  assert.deepEqual(Object.keys(bare!), ['labels', 'annotations', 'startsAt', 'endsAt']);
});

test('Slack gets a title, a colour and escaped lines', () => {
  const body = slackBody(both, context) as { text: string; attachments: { color: string; text: string }[] };
  assert.equal(body.text, '[FIRING:1] BrokerDown (critical, cluster c1)');
  assert.equal(body.attachments[0]!.color, 'danger');
  assert.match(body.attachments[0]!.text, /^Broker 1 is &lt;not&gt; alive\..*\nResolved: Broker 2/);
  const ended = slackBody(over, context) as typeof body;
  assert.equal(ended.text, '[RESOLVED] BrokerDown (critical, cluster c1)');
  assert.equal(ended.attachments[0]!.color, 'good');
});

test('PagerDuty gets one incident a rule, which the same key ends', () => {
  const firing = pagerdutyBody(both, 'key', context) as Record<string, unknown>;
  const ended = pagerdutyBody(over, 'key', context) as Record<string, unknown>;
  assert.equal(firing['routing_key'], 'key');
  assert.equal(firing['event_action'], 'trigger');
  assert.equal(ended['event_action'], 'resolve');
  assert.equal(firing['dedup_key'], 'c1/{}:{alertname="BrokerDown"}');
  assert.equal(firing['dedup_key'], ended['dedup_key']);
});

test('a mail says it in its subject and text, and is cut', () => {
  const many = notification(...Array.from({ length: 25 }, (_, index) => alert(String(index))));
  const { subject, text } = mailOf(many, context);
  assert.equal(subject, '[FIRING:25] BrokerDown (critical, cluster c1)');
  assert.match(text, /And 5 more\.\n\nhttp:\/\/console:9080\n$/);
});
