import {
  type Action,
  type Completion,
  History,
  type HistoryEvent,
  type Poll,
} from '../../checker/history.ts';
import { assert } from '../../model/assert.ts';
import type { WorldTrace } from '../world/world_trace.ts';

/** Writes down what the clients of a world do, for the checker and for the transcript. */
export class HistoryRecorder {
  readonly history = new History();
  readonly #trace: WorldTrace;
  /** Is shown each event, in its order. */
  readonly onEvent: ((event: HistoryEvent) => void) | undefined;

  constructor(trace: WorldTrace, onEvent: ((event: HistoryEvent) => void) | undefined) {
    this.#trace = trace;
    this.onEvent = onEvent;
  }

  invoke(
    name: string,
    action: Action,
    sends?: readonly { readonly key: string; readonly value: number }[],
  ): void {
    if (sends !== undefined) this.#trace.note(name, action, { sends });
    this.#add({ type: 'invoke', process: name, action, ...(sends !== undefined && { sends }) });
  }

  complete(
    name: string,
    type: Completion['type'],
    told: {
      readonly offsets?: readonly (number | null)[];
      readonly polls?: readonly Poll[];
      readonly rebalanced?: readonly string[];
      readonly error?: string;
    } = {},
  ): void {
    if (told.polls === undefined || told.polls.length > 0) this.#trace.note(name, type, summary(told));
    const { offsets, polls, rebalanced } = told;
    this.#add({
      type,
      process: name,
      ...(offsets !== undefined && { offsets }),
      ...(polls !== undefined && { polls }),
      ...(rebalanced !== undefined && { rebalanced }),
    });
  }

  #add(event: HistoryEvent): void {
    const problem = this.history.add(event);
    assert(problem === undefined, `the workload writes a wrong history: ${problem}`);
    this.onEvent?.(event);
  }
}

function summary(told: { offsets?: readonly (number | null)[]; polls?: readonly Poll[]; error?: string }) {
  const polled = told.polls?.map(({ key, records }) => {
    return `${key}@${records[0]![0]}-${records.at(-1)![0]}`;
  });
  return {
    ...(told.offsets !== undefined && { offsets: told.offsets }),
    ...(polled !== undefined && { polled }),
    ...(told.error !== undefined && { error: told.error }),
  };
}
