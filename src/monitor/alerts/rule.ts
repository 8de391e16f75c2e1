import type { BrokerSettings } from '../../settings/broker_settings.ts';
import type { AlertRuleName, SeveritySetting } from '../../settings/tables/alerts.ts';
import { camelCase } from '../../settings/tables.ts';
import type { Evaluation, Finding } from './alert.ts';

/** A rule that is built in. `View` is what it looks at. */
export interface Rule<View> {
  /** `OfflinePartitions` */
  readonly name: string;
  /** Of its settings: `alert.offline.partitions.…`. */
  readonly setting: AlertRuleName;
  /** For what is an event: how long it is told after it was there. */
  readonly keepFiringForMs?: number;
  /**
   * @param threshold the rule's; NaN for a rule that has none
   * @returns undefined when it can't be told at the moment
   */
  readonly find: (view: View, threshold: number) => readonly Finding[] | undefined;
}

/** What a rule's settings say at the moment. */
export interface RuleSettings {
  readonly severity: SeveritySetting;
  readonly forMs: number;
  readonly threshold: number;
}

export function ruleSettings(settings: BrokerSettings, rule: AlertRuleName): RuleSettings {
  const values = settings as unknown as Readonly<Record<string, unknown>>;
  const of = (what: string) => values[camelCase(`alert.${rule}.${what}`)];
  return {
    severity: of('severity') as SeveritySetting,
    forMs: of('for.ms') as number,
    threshold: (of('threshold') as number | undefined) ?? Number.NaN,
  };
}

/** Looks at all rules but those that are off. */
export function evaluate<View>(
  rules: readonly Rule<View>[],
  view: View,
  settings: BrokerSettings,
): Evaluation[] {
  const evaluations: Evaluation[] = [];
  for (const { name, setting, keepFiringForMs = 0, find } of rules) {
    const { severity, forMs, threshold } = ruleSettings(settings, setting);
    if (severity === 'off') continue;
    evaluations.push({ name, severity, forMs, keepFiringForMs, findings: find(view, threshold) });
  }
  return evaluations;
}
