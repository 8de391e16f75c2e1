import type { Labels } from '../metric.ts';
import { type Alert, alertName } from './alert.ts';
import { type Silence, silenceOf } from './silences.ts';

/** Why an alert is not told. */
export type Muted = 'silenced' | 'inhibited';

/** What is to be told about one rule's alerts. */
export interface Notification {
  /** The same for all messages about a rule: newer ones take the place of older ones. */
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Those that fire, then those that were told and have resolved since. Never empty. */
  readonly alerts: readonly Alert[];
}

/** When a group was told, and which of its alerts fired then. */
export interface ToldGroup {
  readonly key: string;
  readonly toldMs: number;
  readonly firing: readonly string[];
}

export interface NotifierSettings {
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
}

interface Group {
  /** When there was first something to tell. */
  readonly firstMs: number;
  toldMs: number | undefined;
  /** Fingerprints of those that fired when it was told. */
  firing: ReadonlySet<string>;
}

/**
 * Decides when alerts are told. Those of one rule are told together: the first waits for others for
 * `groupWaitMs`, news are told after `groupIntervalMs`, and what still fires again after `repeatIntervalMs`.
 */
export class Notifier {
  readonly #groups = new Map<string, Group>();

  /** What was told, for another notifier. */
  get told(): readonly ToldGroup[] {
    return [...this.#groups].flatMap(([key, { toldMs, firing }]) =>
      toldMs === undefined ? [] : [{ key, toldMs, firing: [...firing] }],
    );
  }

  /** Goes on where another notifier was: what it told is not told again. */
  restore(told: Iterable<ToldGroup>): void {
    this.#groups.clear();
    for (const { key, toldMs, firing } of told)
      this.#groups.set(key, { firstMs: toldMs, toldMs, firing: new Set(firing) });
  }

  /**
   * What is due at a time; counts as told then.
   * @param nowMs wall clock
   */
  due(
    nowMs: number,
    alerts: readonly Alert[],
    { silences, settings }: { readonly silences: readonly Silence[]; readonly settings: NotifierSettings },
  ): readonly Notification[] {
    const muted = mutedAlerts(alerts, silences, nowMs);
    const byKey = new Map<string, Alert[]>();
    for (const alert of alerts) {
      if (alert.state === 'pending' || muted.has(alert.fingerprint)) continue;
      const key = groupKeyOf(alert);
      const group = byKey.get(key);
      if (group === undefined) byKey.set(key, [alert]);
      else group.push(alert);
    }
    const due: Notification[] = [];
    for (const key of new Set([...byKey.keys(), ...this.#groups.keys()])) {
      const notification = this.#dueOf(key, byKey.get(key) ?? [], { nowMs, settings });
      if (notification !== undefined) due.push(notification);
    }
    return due;
  }

  #dueOf(
    key: string,
    alerts: readonly Alert[],
    { nowMs, settings }: { readonly nowMs: number; readonly settings: NotifierSettings },
  ): Notification | undefined {
    const firing = alerts.filter(each => each.state === 'firing');
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (firing.length === 0) return undefined;
      group = { firstMs: nowMs, toldMs: undefined, firing: new Set() };
      this.#groups.set(key, group);
    }
    const told = group.firing;
    const resolved = alerts.filter(each => each.state === 'resolved' && told.has(each.fingerprint));
    // What was silenced, or is gone, is not told any more, and not as resolved either.
    if (firing.length === 0 && resolved.length === 0) {
      this.#groups.delete(key);
      return undefined;
    }
    const isNews = resolved.length > 0 || firing.some(each => !told.has(each.fingerprint));
    if (!isDue(group, { nowMs, settings, isNews })) return undefined;
    group.toldMs = nowMs;
    group.firing = new Set(firing.map(each => each.fingerprint));
    if (firing.length === 0) this.#groups.delete(key);
    const { alertname, severity } = alerts[0]!.labels as { alertname: string; severity: string };
    return { groupKey: key, groupLabels: { alertname, severity }, alerts: [...firing, ...resolved] };
  }
}

function isDue(
  { firstMs, toldMs }: Group,
  {
    nowMs,
    settings,
    isNews,
  }: { readonly nowMs: number; readonly settings: NotifierSettings; readonly isNews: boolean },
): boolean {
  if (toldMs === undefined) return nowMs - firstMs >= settings.groupWaitMs;
  const sinceMs = nowMs - toldMs;
  if (isNews) return sinceMs >= settings.groupIntervalMs;
  return sinceMs >= settings.repeatIntervalMs;
}

function groupKeyOf({ labels }: Alert): string {
  return `{}:{alertname="${labels['alertname']}", severity="${labels['severity']}"}`;
}

/** Alerts that say nothing new while brokers are down. That nobody can read or write is told all the same. */
const INHIBITED_BY_BROKERS: ReadonlySet<string> = new Set([
  'UnderMinIsr',
  'UnderReplicatedPartitions',
  'QuorumVoterLagging',
]);
/** With all brokers down, nothing else about the cluster is news. */
const NOT_INHIBITED_BY_ALL_DOWN: ReadonlySet<string> = new Set(['BrokersDown', 'NoActiveController']);

/** The alerts that are not told, and why; by fingerprint. */
export function mutedAlerts(
  alerts: readonly Alert[],
  silences: readonly Silence[],
  nowMs: number,
): ReadonlyMap<string, Muted> {
  const firing = alerts.filter(each => each.state === 'firing');
  const down = new Set(
    firing.filter(each => alertName(each) === 'BrokerDown').map(each => Number(each.labels['broker'])),
  );
  const areAllDown = firing.some(each => alertName(each) === 'BrokersDown');
  const muted = new Map<string, Muted>();
  for (const alert of alerts) {
    const { fingerprint, causes } = alert;
    const name = alertName(alert);
    const isExplained =
      INHIBITED_BY_BROKERS.has(name) && causes.length > 0 && causes.every(broker => down.has(broker));
    if (silenceOf(alert, silences, nowMs) !== undefined) muted.set(fingerprint, 'silenced');
    else if (isExplained || (areAllDown && !NOT_INHIBITED_BY_ALL_DOWN.has(name)))
      muted.set(fingerprint, 'inhibited');
  }
  return muted;
}
