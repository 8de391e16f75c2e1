/*
 * What clients did to a log and what they were told, as the checker sees it. A history is built event by event, in the
 * order of real time: an operation is invoked, and perhaps completed. A process does one thing at a time.
 *
 *     invoked → ok | fail | info; what is never completed counts as info
 */

/** A record's value: unique in its key. */
export type Value = string | number;

/** A record that was sent; `offset` undefined while nobody has said where it is. */
export interface Send {
  readonly key: string;
  readonly value: Value;
  readonly offset: number | undefined;
}

/** Records of one key in the order in which one poll returned them, as `[offset, value]`. */
export interface Poll {
  readonly key: string;
  readonly records: readonly (readonly [offset: number, value: Value])[];
}

/**
 * - `send`: records are sent, each for itself.
 * - `poll`: records are read.
 * - `transaction`: records are sent and read, and what is sent counts whole or not at all.
 * - `assign`, `subscribe`: the process begins to read elsewhere; what it polled before says nothing any more.
 */
export type Action = 'send' | 'poll' | 'transaction' | 'assign' | 'subscribe';

/** - `ok`: it happened. - `fail`: it did not, for certain. - `info`: nobody knows. */
export type Outcome = 'ok' | 'info' | 'fail';

export interface Operation {
  /** Its place among the operations, in the order of their invocations. */
  readonly index: number;
  readonly process: string;
  readonly action: Action;
  readonly outcome: Outcome;
  /** Places in the one order of all events; an operation that was never completed has `Infinity`. */
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly sends: readonly Send[];
  readonly polls: readonly Poll[];
  /** Keys whose assignment changed while the operation ran. */
  readonly rebalanced: ReadonlySet<string> | undefined;
}

export interface Invocation {
  readonly type: 'invoke';
  readonly process: string;
  readonly action: Action;
  /** What is about to be sent. */
  readonly sends?: readonly { readonly key: string; readonly value: Value }[];
}

export interface Completion {
  readonly type: Outcome;
  readonly process: string;
  /** Of the invocation's sends, in their order: null where it is not known. */
  readonly offsets?: readonly (number | null)[];
  readonly polls?: readonly Poll[];
  readonly rebalanced?: readonly string[];
}

export type HistoryEvent = Invocation | Completion;

interface OpenOperation {
  readonly index: number;
  readonly invocation: Invocation;
  readonly invokedAt: number;
}

const NOTHING: readonly never[] = [];

/** Pairs events to operations. */
export class History {
  readonly #operations: (Operation | undefined)[] = [];
  readonly #open = new Map<string, OpenOperation>();
  #events = 0;

  get eventCount(): number {
    return this.#events;
  }

  get operationCount(): number {
    return this.#operations.length;
  }

  /** @returns what is wrong with the event; it is not taken then */
  add(event: HistoryEvent): string | undefined {
    const { process: by } = event;
    const open = this.#open.get(by);
    if (event.type === 'invoke') {
      if (open !== undefined) {
        return `process ${by} begins an operation before the one that it began has ended`;
      }
      const index = this.#operations.push(undefined) - 1;
      this.#open.set(by, { index, invocation: event, invokedAt: this.#events++ });
      return undefined;
    }
    if (open === undefined) return `process ${by} ends an operation that it did not begin`;
    const sent = open.invocation.sends?.length ?? 0;
    if (event.offsets !== undefined && event.offsets.length !== sent) {
      return `process ${by} sent ${sent} records and was told ${event.offsets.length} offsets`;
    }
    this.#open.delete(by);
    this.#operations[open.index] = operationOf(open, event, this.#events++);
    return undefined;
  }

  /** All operations so far; those under way are there as unknown. */
  operations(): readonly Operation[] {
    const operations = this.#operations.slice() as Operation[];
    for (const open of this.#open.values()) {
      operations[open.index] = operationOf(
        open,
        { type: 'info', process: open.invocation.process },
        Infinity,
      );
    }
    return operations;
  }
}

function operationOf(
  { index, invocation, invokedAt }: OpenOperation,
  completion: Completion,
  completedAt: number,
): Operation {
  const { rebalanced } = completion;
  return {
    index,
    process: invocation.process,
    action: invocation.action,
    outcome: completion.type,
    invokedAt,
    completedAt,
    sends:
      invocation.sends?.map(({ key, value }, place) => ({
        key,
        value,
        offset: completion.offsets?.[place] ?? undefined,
      })) ?? NOTHING,
    polls: completion.polls ?? NOTHING,
    rebalanced: rebalanced === undefined || rebalanced.length === 0 ? undefined : new Set(rebalanced),
  };
}
