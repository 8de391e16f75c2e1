import { ANOMALY_TYPES, type Anomaly, type AnomalyType, Findings } from './anomaly.ts';
import { checkCycles } from './cycle_checks.ts';
import type { History } from './history.ts';
import { KeyLogs } from './key_logs.ts';
import { checkOrders } from './order_checks.ts';
import { checkLogs, checkReads } from './record_checks.ts';

export interface CheckOptions {
  /**
   * Whether processes share keys by subscribing: then a key may come to a process that others have read, so that skips
   * and steps back from one poll to the next are right.
   */
  readonly subscribes: boolean;
  /**
   * Whether each operation sends one record: then the order of a key's records must agree with real time, and cycles
   * with it are wrong. Transactions that write side by side make such cycles rightly.
   */
  readonly singleSends: boolean;
  /**
   * Whether producers send again what may have been written, without idempotence: then a value may be at several
   * offsets, and orders tell nothing.
   */
  readonly retriesBlindly: boolean;
}

export interface CheckReport {
  /** Whether nothing was found but what is allowed. */
  readonly isValid: boolean;
  readonly operationCount: number;
  readonly acknowledgedCount: number;
  readonly polledCount: number;
  /** How often each anomaly is there, the allowed ones included. */
  readonly counts: ReadonlyMap<AnomalyType, number>;
  /** Cycles through the order of writes that transactions side by side make rightly. */
  readonly toleratedCounts: ReadonlyMap<AnomalyType, number>;
  /** The first of each type that is not allowed. */
  readonly anomalies: readonly Anomaly[];
}

/**
 * Looks for the anomalies of Jepsen's Kafka workload in a history that ends with everything read back. Takes time in
 * proportion to the history (and a sort of each key's offsets).
 * @returns what makes the history useless
 */
export function checkHistory(history: History, options: CheckOptions): CheckReport | string {
  const operations = history.operations();
  const logs = KeyLogs.of(operations);
  if (typeof logs === 'string') return logs;
  const findings = new Findings();
  checkLogs(logs, findings);
  checkReads(operations, logs, findings);
  checkOrders(operations, logs, findings);
  const tolerated = new Findings();
  if (!options.singleSends) checkCycles(operations, logs, { findings, writeOrder: false });
  checkCycles(operations, logs, {
    findings: options.singleSends ? findings : tolerated,
    writeOrder: true,
  });
  const allowed = allowedTypes(options);
  const anomalies = findings.kept
    .filter(({ type }) => !allowed.has(type))
    .sort((left, right) => ANOMALY_TYPES.indexOf(left.type) - ANOMALY_TYPES.indexOf(right.type));
  let acknowledgedCount = 0;
  let polledCount = 0;
  for (const { outcome, sends, polls } of operations) {
    if (outcome !== 'ok') continue;
    acknowledgedCount += sends.length;
    for (const { records } of polls) polledCount += records.length;
  }
  return {
    isValid: anomalies.length === 0,
    operationCount: operations.length,
    acknowledgedCount,
    polledCount,
    counts: findings.counts,
    toleratedCounts: tolerated.counts,
    anomalies,
  };
}

const MADE_BY_REPETITION: readonly AnomalyType[] = [
  'duplicate',
  'int-poll-skip',
  'int-nonmonotonic-poll',
  'poll-skip',
  'nonmonotonic-poll',
  'int-nonmonotonic-send',
  'nonmonotonic-send',
];

/** What is right in a history of this kind. */
function allowedTypes({ subscribes, retriesBlindly }: CheckOptions): ReadonlySet<AnomalyType> {
  const allowed = new Set<AnomalyType>(['int-send-skip']);
  if (retriesBlindly) for (const type of MADE_BY_REPETITION) allowed.add(type);
  if (subscribes) allowed.add('poll-skip').add('nonmonotonic-poll');
  return allowed;
}
