import type { Operation, Value } from './history.ts';

/** What can be wrong with a history; the names and meanings are those of Jepsen's Kafka workload. */
export const ANOMALY_TYPES = [
  /** An offset holds two values. */
  'inconsistent-offsets',
  /** A value is at two offsets. */
  'duplicate',
  /** A record that must be there was passed over: what lies behind it has been read. */
  'lost-write',
  /** A record that was acknowledged and that nobody ever read. */
  'unseen',
  /** A poll returned what its writer was told had failed (G1a). */
  'aborted-read',
  /** A poll returned what nobody sent. */
  'unwritten-read',
  /** An operation polled what it sent itself. */
  'precommitted-read',
  /** Within one operation: polled records leave some out, or go back. */
  'int-poll-skip',
  'int-nonmonotonic-poll',
  /** The same from one operation of a process to its next. */
  'poll-skip',
  'nonmonotonic-poll',
  /** Records of one operation have others between them, or are in another order than they were sent. */
  'int-send-skip',
  'int-nonmonotonic-send',
  /** What a process sent later is before what it sent earlier. */
  'nonmonotonic-send',
  /** Operations that each have to come before the other: by the order of writes alone, */
  'G0',
  /** with the order of each process, */
  'G0-process',
  /** with the order of real time, */
  'G0-realtime',
  /** or by what they read of each other. */
  'G1c',
  'G1c-process',
  'G1c-realtime',
] as const;

export type AnomalyType = (typeof ANOMALY_TYPES)[number];

/** One thing that is wrong, and the operations that show it. */
export interface Anomaly {
  readonly type: AnomalyType;
  /** What happened, for people. */
  readonly text: string;
  /** Undefined when it is between keys. */
  readonly key: string | undefined;
  readonly operations: readonly Operation[];
}

/** Finds are counted; so many of each type are kept with their operations. */
const MAX_KEPT_PER_TYPE = 16;
/** Operations that one anomaly names. */
const MAX_NAMED_OPERATIONS = 32;

/** The anomalies of one history. */
export class Findings {
  readonly counts = new Map<AnomalyType, number>();
  readonly kept: Anomaly[] = [];

  /** @param describe called for those that are kept only */
  add(
    type: AnomalyType,
    key: string | undefined,
    describe: () => { readonly text: string; readonly operations: readonly Operation[] },
  ): void {
    const count = (this.counts.get(type) ?? 0) + 1;
    this.counts.set(type, count);
    if (count > MAX_KEPT_PER_TYPE) return;
    const { text, operations } = describe();
    const unique = [...new Set(operations)].sort((left, right) => left.index - right.index);
    this.kept.push({ type, key, text, operations: unique.slice(0, MAX_NAMED_OPERATIONS) });
  }
}

/** A value in a text. */
export function show(value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
