import type { Clock, Logger } from '../../model/ports.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import type { Alert } from './alert.ts';
import type { AlertTransport } from './alert_transport.ts';
import {
  alertmanagerBody,
  type MessageContext,
  mailOf,
  pagerdutyBody,
  sentenceOf,
  slackBody,
  webhookBody,
} from './messages.ts';
import type { Notification } from './notifier.ts';
import { Sink, type SinkStatus } from './sink.ts';

export interface SinksOptions {
  readonly settings: BrokerSettings;
  readonly transport: AlertTransport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clusterId: () => string;
}

/** A sink with what it sends of a notification. */
interface Receiver {
  readonly sink: Sink;
  readonly send: (
    notification: Notification,
    context: MessageContext,
  ) => Promise<Awaited<ReturnType<AlertTransport['post']>>>;
}

/** Alertmanager is told again and again what fires, because it forgets what it hears no more of. */
const ALERTMANAGER_INTERVAL_MS = 60_000;

/** All places that alerts are told to. */
export class Sinks {
  readonly #options: SinksOptions;
  readonly #receivers: readonly Receiver[];
  readonly #alertmanagers: readonly { readonly sink: Sink; readonly url: string }[];
  /** What Alertmanagers were told last, by who told it: the states of the alerts, and when. */
  readonly #toldAlertmanagers = new Map<string, { readonly states: string; readonly atMs: number }>();

  constructor(options: SinksOptions) {
    this.#options = options;
    this.#receivers = receiversOf(options);
    this.#alertmanagers = options.settings.alertsAlertmanagerUrls.map(url => ({
      url: `${url.replace(/\/+$/, '')}/api/v2/alerts`,
      sink: new Sink({ name: `alertmanager ${url}`, clock: options.clock }),
    }));
  }

  get statuses(): readonly SinkStatus[] {
    return [...this.#receivers, ...this.#alertmanagers].map(({ sink }) => sink.status);
  }

  /** Whether something about the group has not been taken yet by a sink that works. */
  isWaitingFor(groupKey: string): boolean {
    return this.#receivers.some(({ sink }) => sink.isWaitingFor(groupKey));
  }

  notify(notification: Notification): void {
    const { settings, logger } = this.#options;
    if (settings.alertsLogEnable) {
      for (const alert of notification.alerts) {
        const level = alert.state === 'resolved' ? 'info' : 'warn';
        logger[level](`Alert ${alert.state}`, { ...alert.labels, text: sentenceOf(alert) });
      }
    }
    for (const { sink, send } of this.#receivers)
      sink.send(notification.groupKey, () => send(notification, this.#context()));
  }

  /**
   * Tells Alertmanagers of everything that fires or has resolved, whenever that changes and once a minute.
   * @param source who tells it: what one source tells says nothing of another's alerts
   */
  tellAlertmanagers(source: string, alerts: readonly Alert[]): void {
    if (this.#alertmanagers.length === 0) return;
    const nowMs = this.#options.clock.monotonicMs();
    const told = this.#toldAlertmanagers.get(source);
    const states = alerts.map(({ fingerprint, state }) => `${fingerprint}:${state}`).join();
    if (alerts.length === 0 && (told === undefined || told.states === '')) return;
    if (told?.states === states && nowMs - told.atMs < ALERTMANAGER_INTERVAL_MS) return;
    this.#toldAlertmanagers.set(source, { states, atMs: nowMs });
    if (alerts.length === 0) return;
    const { transport } = this.#options;
    for (const { sink, url } of this.#alertmanagers)
      sink.send(source, () => transport.post({ url, body: alertmanagerBody(alerts, this.#context()) }));
  }

  close(): void {
    for (const { sink } of [...this.#receivers, ...this.#alertmanagers]) sink.close();
  }

  #context(): MessageContext {
    const { settings, clock, clusterId } = this.#options;
    return {
      externalUrl: settings.alertsExternalUrl ?? '',
      clusterId: clusterId(),
      nowMs: clock.nowMs(),
    };
  }
}

function receiversOf({ settings, transport, clock }: SinksOptions): Receiver[] {
  const receivers: Receiver[] = [];
  const sink = (name: string) => new Sink({ name, clock });
  for (const url of settings.alertsWebhookUrls) {
    receivers.push({
      sink: sink(`webhook ${url}`),
      send: (notification, context) => transport.post({ url, body: webhookBody(notification, context) }),
    });
  }
  const { alertsSlackUrl: slackUrl, alertsPagerdutyRoutingKey: routingKey } = settings;
  if (slackUrl !== undefined) {
    receivers.push({
      sink: sink('slack'),
      send: (notification, context) =>
        transport.post({ url: slackUrl, body: slackBody(notification, context) }),
    });
  }
  if (routingKey !== undefined) {
    receivers.push({
      sink: sink('pagerduty'),
      send: (notification, context) =>
        transport.post({
          url: settings.alertsPagerdutyUrl,
          body: pagerdutyBody(notification, routingKey, context),
        }),
    });
  }
  const { alertsSmtpUrl: serverUrl, alertsSmtpFrom: from, alertsSmtpTo: to } = settings;
  if (serverUrl !== undefined && to.length > 0) {
    receivers.push({
      sink: sink(`mail ${to.join(', ')}`),
      send: (notification, context) => transport.mail(mailOf(notification, context), { serverUrl, from, to }),
    });
  }
  return receivers;
}
