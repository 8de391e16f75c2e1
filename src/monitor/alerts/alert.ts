import type { Labels } from '../metric.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** Something that a rule found to be wrong. */
export interface Finding {
  /** What it is about: with the rule's name, this tells one alert from another. */
  readonly labels: Labels;
  readonly value: number;
  /** One sentence for people: what is wrong with what. */
  readonly summary: string;
  /** What shows more, or helps. */
  readonly command: string;
  /** The brokers whose absence explains it: while there is an alert of each of them, this one is not told. */
  readonly causes?: readonly number[];
}

/** A rule with its settings, and what it found. */
export interface Evaluation {
  /** `OfflinePartitions` */
  readonly name: string;
  readonly severity: Severity;
  /** How long it must be found before the alert fires. */
  readonly forMs: number;
  /** How long the alert goes on firing after it was found last; for what is an event rather than a state. */
  readonly keepFiringForMs: number;
  /** Undefined when it can't be told at the moment: the alerts of the rule stay as they are. */
  readonly findings: readonly Finding[] | undefined;
  /** Labels and annotations of the rule, besides those of the finding. */
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

/**
 *     (none) → pending     the rule found it
 *     pending → firing     it was found for so long as the rule wants; at once for 0
 *     pending → (none)     it was not found
 *     firing → resolved    it was not found, for as long as the rule keeps firing
 *     resolved → pending   it was found again: another alert, with another beginning
 *     resolved → (none)    after a while
 */
export type AlertState = 'pending' | 'firing' | 'resolved';

/** Times are wall-clock milliseconds: they go from one controller to the next. */
export interface Alert {
  /** Of the labels: 16 hexadecimal digits. */
  readonly fingerprint: string;
  /** With `alertname` and `severity`. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  /** Since when it is found. */
  readonly sinceMs: number;
  /** When it was found last. */
  readonly foundMs: number;
  /** When it resolved; undefined before. */
  readonly resolvedMs: number | undefined;
  readonly value: number;
  readonly causes: readonly number[];
}

export function alertName({ labels }: Alert): string {
  return labels['alertname']!;
}

/** FNV-1a over the labels in the order of their names, in two halves of 32 bits with different seeds. */
export function fingerprintOf(labels: Labels): string {
  const names = Object.keys(labels).sort();
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (const name of names) {
    for (const text of [name, labels[name]!]) {
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high ^ code, 0x01000193);
      }
      low = Math.imul(low ^ 0xff, 0x01000193);
      high = Math.imul(high ^ 0xff, 0x01000193);
    }
  }
  const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0');
  return hex(high) + hex(low);
}
