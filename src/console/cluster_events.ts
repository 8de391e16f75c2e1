import { MAX_EVENT_STREAMS } from '../model/limits.ts';
import type { Timer } from '../model/ports.ts';
import type { ClusterChange } from '../monitor/cluster_changes.ts';
import { alertView } from './alert_views.ts';
import type { Alert } from './api/alerts.ts';
import type { ClusterEvent, Snapshot } from './api/events.ts';
import { brokerViews, clusterView } from './cluster_views.ts';
import type { ConsoleNode } from './console_node.ts';
import { EventStream } from './event_stream.ts';
import type { PeerNodes } from './peer_nodes.ts';
import { Refusal } from './refusal.ts';

/** A view of the cluster follows its changes by so much: several changes at once make one. */
const VIEW_DELAY_MS = 50;
/** At most so much of the time goes to views: where one takes long, the next comes later. */
const BUSY_FRACTION = 0.05;
/** Alerts change with the time alone, so they are looked at. */
const ALERTS_INTERVAL_MS = 500;

interface Reader {
  readonly stream: EventStream;
  /** It was too slow for an event: it is sent a snapshot when it has taken what it has. */
  isBehind: boolean;
}

/** Tells the readers of `/api/v1/events` what changes. Nothing is watched while there is none. */
export class ClusterEvents {
  readonly #node: ConsoleNode;
  readonly #peers: PeerNodes;
  readonly #readers = new Set<Reader>();
  #unwatch: (() => void) | undefined;
  #viewTimer: Timer | undefined;
  #alertsTimer: Timer | undefined;
  /** On the monotonic clock. */
  #nextViewMs = 0;
  #alerts: readonly Alert[] = [];

  constructor(node: ConsoleNode, peers: PeerNodes) {
    this.#node = node;
    this.#peers = peers;
  }

  /** @throws {Refusal} when there are too many */
  open(signal: AbortSignal): Response {
    if (this.#readers.size >= MAX_EVENT_STREAMS) {
      throw new Refusal(
        503,
        `There are ${MAX_EVENT_STREAMS} streams of events already: close one, or ask another node`,
      );
    }
    const snapshot = this.#snapshot();
    const reader: Reader = {
      stream: new EventStream({ clock: this.#node.ports.clock, signal, closed: () => this.#left(reader) }),
      isBehind: false,
    };
    if (reader.stream.isClosed) return reader.stream.response;
    this.#readers.add(reader);
    if (this.#unwatch === undefined) this.#begin(snapshot.alerts);
    reader.stream.send('snapshot', snapshot);
    return reader.stream.response;
  }

  close(): void {
    for (const { stream } of [...this.#readers]) stream.close();
  }

  #begin(alerts: readonly Alert[]): void {
    this.#alerts = alerts;
    this.#unwatch = this.#node.monitor.changes.watch(changes => this.#changed(changes));
    this.#lookAtAlertsLater();
  }

  #left(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#viewTimer?.cancel();
    this.#viewTimer = undefined;
    this.#alertsTimer?.cancel();
  }

  #snapshot(): Snapshot {
    const { monitor } = this.#node;
    const recent = monitor.changes.recent.map(({ atMs, kind, text }) => ({ atMs, kind, text }));
    return { cluster: clusterView(this.#node, this.#peers.addresses()), alerts: this.#alertsNow(), recent };
  }

  #changed(changes: readonly ClusterChange[]): void {
    // Called in the turn in which the broker acts on the change: what it costs waits for the next.
    setImmediate(() => {
      if (this.#readers.size === 0) return;
      const addresses = this.#peers.addresses();
      const brokers = changes.some(({ kind }) => kind === 'broker') ? brokerViews(this.#node, addresses) : [];
      for (const { kind, ...facts } of changes) {
        const broker = 'id' in facts ? { broker: brokers.find(({ id }) => id === facts.id) ?? null } : {};
        this.#broadcast({ event: kind, data: { ...facts, ...broker } } as ClusterEvent);
      }
    });
    const { clock } = this.#node.ports;
    const delayMs = Math.max(VIEW_DELAY_MS, this.#nextViewMs - clock.monotonicMs());
    this.#viewTimer ??= clock.startTimer(delayMs, () => {
      this.#viewTimer = undefined;
      this.#sendView();
    });
  }

  #sendView(): void {
    const { clock } = this.#node.ports;
    const startedMs = clock.monotonicMs();
    this.#broadcast({ event: 'cluster', data: clusterView(this.#node, this.#peers.addresses()) });
    const endedMs = clock.monotonicMs();
    this.#nextViewMs = endedMs + (endedMs - startedMs) / BUSY_FRACTION;
  }

  #lookAtAlertsLater(): void {
    this.#alertsTimer = this.#node.ports.clock.startTimer(ALERTS_INTERVAL_MS, () => {
      this.#lookAtAlerts();
      if (this.#readers.size > 0) this.#lookAtAlertsLater();
    });
  }

  #lookAtAlerts(): void {
    for (const reader of this.#readers) {
      if (reader.isBehind && reader.stream.hasRoom) {
        reader.isBehind = false;
        reader.stream.send('snapshot', this.#snapshot());
      }
    }
    const before = this.#alerts;
    const alerts = this.#alertsNow();
    if (JSON.stringify(alerts.map(stateOf)) === JSON.stringify(before.map(stateOf))) return;
    this.#alerts = alerts;
    const atMs = this.#node.ports.clock.nowMs();
    this.#broadcast({ event: 'alerts', data: { atMs, text: alertsText(before, alerts), alerts } });
  }

  #alertsNow(): Alert[] {
    return this.#node.monitor.alerting?.alerts.map(alertView) ?? [];
  }

  #broadcast({ data, event }: ClusterEvent): void {
    for (const reader of this.#readers) {
      if (!reader.isBehind && !reader.stream.send(event, data)) reader.isBehind = true;
    }
  }
}

const stateOf = ({ fingerprint, muted, since, state }: Alert) => [fingerprint, since, state, muted];

function alertsText(before: readonly Alert[], after: readonly Alert[]): string {
  const states = new Map(before.map(({ fingerprint, state }) => [fingerprint, state]));
  const news = after.filter(
    ({ fingerprint, state }) => states.get(fingerprint) !== state && state !== 'pending',
  );
  const [first] = news;
  if (first === undefined) return 'Alerts have changed';
  if (news.length > 1) return `${news.length} alerts have changed`;
  return first.state === 'firing' ? `${first.name} fires: ${first.text}` : `${first.name} is resolved`;
}
