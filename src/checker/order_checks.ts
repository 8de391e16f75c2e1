import { type AnomalyType, type Findings, show } from './anomaly.ts';
import type { Operation, Value } from './history.ts';
import type { KeyLogs } from './key_logs.ts';

/** The record of a key that a process came by last, and with which operation. */
interface Last {
  readonly value: Value;
  readonly index: number;
  readonly operation: Operation;
}

/** Whether polls and sends follow the order of the log, in one operation and from one to the next of a process. */
export function checkOrders(operations: readonly Operation[], logs: KeyLogs, findings: Findings): void {
  const polls = new OrderCheck(logs, findings, {
    verb: 'polled',
    inside: { skip: 'int-poll-skip', back: 'int-nonmonotonic-poll' },
    across: { skip: 'poll-skip', back: 'nonmonotonic-poll' },
  });
  const sends = new OrderCheck(logs, findings, {
    verb: 'sent',
    inside: { skip: 'int-send-skip', back: 'int-nonmonotonic-send' },
    // Others write between the records of a process.
    across: { back: 'nonmonotonic-send' },
  });
  for (const operation of operations) {
    if (operation.outcome !== 'ok') continue;
    if (operation.action === 'assign' || operation.action === 'subscribe') polls.forget(operation.process);
    polls.begin(operation);
    for (const { key, records } of operation.polls) for (const [, value] of records) polls.next(key, value);
    sends.begin(operation);
    for (const { key, value } of operation.sends) sends.next(key, value);
  }
}

interface OrderTypes {
  readonly verb: string;
  /** What it is called when a record does not follow on the one before, in one operation. */
  readonly inside: { readonly skip: AnomalyType; readonly back: AnomalyType };
  /** And from an operation to a later one; without `skip` leaving records out is right. */
  readonly across: { readonly skip?: AnomalyType; readonly back: AnomalyType };
}

class OrderCheck {
  readonly #logs: KeyLogs;
  readonly #findings: Findings;
  readonly #types: OrderTypes;
  readonly #lastByProcess = new Map<string, Map<string, Last>>();
  #operation!: Operation;
  /** Of the operation's process, by key. */
  #last!: Map<string, Last>;

  constructor(logs: KeyLogs, findings: Findings, types: OrderTypes) {
    this.#logs = logs;
    this.#findings = findings;
    this.#types = types;
  }

  forget(name: string): void {
    this.#lastByProcess.delete(name);
  }

  begin(operation: Operation): void {
    this.#operation = operation;
    let last = this.#lastByProcess.get(operation.process);
    if (last === undefined) {
      last = new Map();
      this.#lastByProcess.set(operation.process, last);
    }
    this.#last = last;
    for (const key of operation.rebalanced ?? []) last.delete(key);
  }

  next(key: string, value: Value): void {
    const index = this.#logs.get(key)!.firstIndexOf(value);
    if (index === undefined) return;
    const operation = this.#operation;
    const last = this.#last.get(key);
    this.#last.set(key, { value, index, operation });
    // Assigned anew while the operation ran: it may have begun elsewhere at any point.
    if (last === undefined || operation.rebalanced?.has(key) === true) return;
    const step = index - last.index;
    const types = last.operation === operation ? this.#types.inside : this.#types.across;
    const type = step > 1 ? types.skip : step < 1 ? types.back : undefined;
    if (type === undefined) return;
    this.#findings.add(type, key, () => ({
      text:
        `${show(value)} was ${this.#types.verb} after ${show(last.value)}, which is ` +
        `${describeStep(step)} it in ${key}`,
      operations: [last.operation, operation],
    }));
  }
}

function describeStep(step: number): string {
  if (step === 0) return 'the same as';
  return step < 0 ? `${-step} behind` : `${step} before`;
}
