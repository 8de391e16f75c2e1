import type { Labels } from '../metric.ts';
import type { Alert } from './alert.ts';
import type { Notification } from './notifier.ts';
import { formatTime } from './rfc3339.ts';

/** A request over HTTP that tells something. */
export interface HttpMessage {
  readonly url: string;
  readonly body: unknown;
}

export interface MailMessage {
  readonly subject: string;
  readonly text: string;
}

export interface MessageContext {
  /** Where people find this cluster; empty where it is not known. */
  readonly externalUrl: string;
  readonly clusterId: string;
  /** Wall clock. */
  readonly nowMs: number;
}

/** As Alertmanager writes a time that is not there. */
const NO_TIME = '0001-01-01T00:00:00Z';
/** Alerts that a message for people lists. */
const MOST_LISTED = 20;
/** An Alertmanager that hears no more of an alert lets it go after this. */
const ALERTMANAGER_KEPT_MS = 240_000;

/** The body of a webhook in Alertmanager's form, version 4. */
export function webhookBody(notification: Notification, context: MessageContext): unknown {
  const { alerts, groupKey, groupLabels } = notification;
  return {
    version: '4',
    groupKey,
    truncatedAlerts: 0,
    status: statusOf(notification),
    receiver: 'odradek',
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: context.externalUrl,
    alerts: alerts.map(alert => ({
      status: alert.state,
      labels: alert.labels,
      annotations: annotationsOf(alert),
      startsAt: formatTime(alert.sinceMs),
      endsAt: alert.resolvedMs === undefined ? NO_TIME : formatTime(alert.resolvedMs),
      generatorURL: context.externalUrl,
      fingerprint: alert.fingerprint,
    })),
  };
}

/** The body of Alertmanager's `POST /api/v2/alerts`. */
export function alertmanagerBody(alerts: readonly Alert[], { externalUrl, nowMs }: MessageContext): unknown {
  return alerts.map(alert => ({
    labels: alert.labels,
    annotations: annotationsOf(alert),
    startsAt: formatTime(alert.sinceMs),
    endsAt: formatTime(alert.resolvedMs ?? nowMs + ALERTMANAGER_KEPT_MS),
    ...(externalUrl !== '' && { generatorURL: externalUrl }),
  }));
}

/** The body of an incoming webhook of Slack. */
export function slackBody(notification: Notification, context: MessageContext): unknown {
  const { title, lines } = forPeople(notification, context);
  return {
    text: title,
    attachments: [
      {
        color: colorOf(notification),
        fallback: title,
        text: lines.map(escapeSlack).join('\n'),
        ...(context.externalUrl !== '' && { title: 'Odradek', title_link: context.externalUrl }),
      },
    ],
  };
}

/** An event of PagerDuty's Events API v2. One incident a rule: the group's key is what PagerDuty knows it by. */
export function pagerdutyBody(
  notification: Notification,
  routingKey: string,
  context: MessageContext,
): unknown {
  const { title, lines } = forPeople(notification, context);
  const severity = notification.groupLabels['severity'];
  return {
    routing_key: routingKey,
    event_action: statusOf(notification) === 'firing' ? 'trigger' : 'resolve',
    dedup_key: `${context.clusterId}/${notification.groupKey}`,
    payload: {
      summary: title.slice(0, 1024),
      source: `odradek ${context.clusterId}`,
      severity: severity === 'critical' || severity === 'warning' ? severity : 'info',
      timestamp: formatTime(notification.alerts[0]!.sinceMs),
      group: notification.groupLabels['alertname'],
      custom_details: { alerts: lines },
    },
    ...(context.externalUrl !== '' && { links: [{ href: context.externalUrl, text: 'Odradek' }] }),
  };
}

export function mailOf(notification: Notification, context: MessageContext): MailMessage {
  const { title, lines } = forPeople(notification, context);
  const link = context.externalUrl === '' ? '' : `\n${context.externalUrl}\n`;
  return { subject: title, text: `${lines.join('\n\n')}\n${link}` };
}

/** One alert as people read it: what, since when, and what helps. */
export function sentenceOf(alert: Alert): string {
  const { annotations, sinceMs, resolvedMs } = alert;
  const ended = resolvedMs === undefined ? '' : `, resolved at ${formatTime(resolvedMs)}`;
  const summary = annotations['summary'] ?? '';
  const stop = /[.!?]$/.test(summary) ? '' : '.';
  return `${summary}${stop} Since ${formatTime(sinceMs)}${ended}. See: ${annotations['command']}`;
}

export function statusOf({ alerts }: Notification): 'firing' | 'resolved' {
  return alerts.some(({ state }) => state === 'firing') ? 'firing' : 'resolved';
}

function annotationsOf(alert: Alert): Labels {
  return { ...alert.annotations, description: sentenceOf(alert) };
}

function forPeople(notification: Notification, { clusterId }: MessageContext) {
  const { alerts, groupLabels } = notification;
  const firing = alerts.filter(({ state }) => state === 'firing').length;
  const status = firing > 0 ? `FIRING:${firing}` : 'RESOLVED';
  const title = `[${status}] ${groupLabels['alertname']} (${groupLabels['severity']}, cluster ${clusterId})`;
  const lines = alerts
    .slice(0, MOST_LISTED)
    .map(alert => `${alert.state === 'resolved' ? 'Resolved: ' : ''}${sentenceOf(alert)}`);
  if (alerts.length > MOST_LISTED) lines.push(`And ${alerts.length - MOST_LISTED} more.`);
  return { title, lines };
}

function colorOf(notification: Notification): string {
  if (statusOf(notification) === 'resolved') return 'good';
  return notification.groupLabels['severity'] === 'critical' ? 'danger' : 'warning';
}

function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What all have in common. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every(each => each[name] === value)),
  );
}
