import assert from 'node:assert/strict';
import { History, type Outcome, type Value } from '../../src/checker/history.ts';

type Sends = readonly (readonly [key: string, value: Value, offset?: number])[];
type Polls = Readonly<Record<string, readonly (readonly [offset: number, value: Value])[]>>;

/** Writes histories of operations that follow one another. */
export class HistoryWriter {
  readonly history = new History();

  send(process: string, key: string, value: Value, offset?: number, outcome: Outcome = 'ok'): void {
    this.#operation(
      process,
      'send',
      { sends: [offset === undefined ? [key, value] : [key, value, offset]] },
      outcome,
    );
  }

  sendAll(process: string, sends: Sends): void {
    this.#operation(process, 'send', { sends }, 'ok');
  }

  poll(process: string, polls: Polls, { rebalanced = [] as readonly string[] } = {}): void {
    this.#operation(process, 'poll', { polls, rebalanced }, 'ok');
  }

  transaction(process: string, what: { sends?: Sends; polls?: Polls }, outcome: Outcome = 'ok'): void {
    this.#operation(process, 'transaction', what, outcome);
  }

  assign(process: string): void {
    this.#operation(process, 'assign', {}, 'ok');
  }

  #operation(
    process: string,
    action: 'send' | 'poll' | 'transaction' | 'assign',
    {
      sends = [],
      polls = {},
      rebalanced = [],
    }: { sends?: Sends; polls?: Polls; rebalanced?: readonly string[] },
    type: Outcome,
  ): void {
    const invocation = { sends: sends.map(([key, value]) => ({ key, value })) };
    assert.equal(this.history.add({ type: 'invoke', process, action, ...invocation }), undefined);
    const completion = {
      offsets: sends.map(([, , offset]) => offset ?? null),
      polls: Object.entries(polls).map(([key, records]) => ({ key, records })),
      rebalanced,
    };
    assert.equal(this.history.add({ type, process, ...completion }), undefined);
  }
}
