/*
 * A history as text, one JSON object a line, in the order of real time. Any language can write it:
 *
 *     {"type":"invoke","process":"p1","action":"send","sends":[{"key":"orders-0","value":17}]}
 *     {"type":"ok","process":"p1","offsets":[42]}
 *     {"type":"invoke","process":"c1","action":"poll"}
 *     {"type":"ok","process":"c1","polls":[{"key":"orders-0","records":[[42,17]]}],"rebalanced":[]}
 *
 * docs/history.md tells the whole. Members that are not known are passed over, so that writers may add times and
 * errors for people.
 */
import type { Action, HistoryEvent, Outcome, Poll, Value } from './history.ts';

const ACTIONS: ReadonlySet<unknown> = new Set<Action>(['send', 'poll', 'transaction', 'assign', 'subscribe']);
const OUTCOMES: ReadonlySet<unknown> = new Set<Outcome>(['ok', 'fail', 'info']);

/** @returns the line, without its end */
export function formatEvent(event: HistoryEvent): string {
  return JSON.stringify(event);
}

/** @returns the event, or what is wrong with the line */
export function parseEvent(line: string): HistoryEvent | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`;
  }
  if (!isObject(json)) return 'it is no JSON object';
  const { type, process: by } = json;
  if (typeof by !== 'string' || by === '') return '"process" is to be a string that is not empty';
  if (type === 'invoke') return parseInvocation(by, json);
  if (OUTCOMES.has(type)) return parseCompletion(type as Outcome, by, json);
  return `"type" is to be invoke, ok, fail or info, not ${JSON.stringify(type)}`;
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseInvocation(by: string, json: JsonObject): HistoryEvent | string {
  const { action, sends } = json;
  if (!ACTIONS.has(action)) return `"action" is to be one of ${[...ACTIONS].join(', ')}`;
  const isSend = (each: unknown) => isObject(each) && isKey(each['key']) && isValue(each['value']);
  if (sends !== undefined && !(Array.isArray(sends) && sends.every(isSend))) {
    return '"sends" is to be a list of {"key": a string, "value": a string or a number}';
  }
  const invocation = { type: 'invoke', process: by, action: action as Action } as const;
  return sends === undefined ? invocation : { ...invocation, sends };
}

function parseCompletion(type: Outcome, by: string, json: JsonObject): HistoryEvent | string {
  const { offsets, polls, rebalanced } = json;
  if (offsets !== undefined && !isListOf(offsets, each => each === null || isOffset(each))) {
    return '"offsets" is to be a list of whole numbers from 0, null where one is not known';
  }
  if (polls !== undefined && !isListOf(polls, isPoll)) {
    return '"polls" is to be a list of {"key": a string, "records": [[offset, value], …]}';
  }
  if (rebalanced !== undefined && !isListOf(rebalanced, isKey)) return '"rebalanced" is to be a list of keys';
  return {
    type,
    process: by,
    ...(offsets !== undefined && { offsets: offsets as (number | null)[] }),
    ...(polls !== undefined && { polls: polls as Poll[] }),
    ...(rebalanced !== undefined && { rebalanced: rebalanced as string[] }),
  };
}

function isPoll(json: unknown): boolean {
  if (!isObject(json) || !isKey(json['key'])) return false;
  return isListOf(json['records'], record => {
    return Array.isArray(record) && record.length === 2 && isOffset(record[0]) && isValue(record[1]);
  });
}

const isObject = (json: unknown): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const isListOf = (json: unknown, isElement: (each: unknown) => boolean): boolean =>
  Array.isArray(json) && json.every(isElement);

const isKey = (json: unknown): boolean => typeof json === 'string' && json !== '';

const isValue = (json: unknown): json is Value =>
  typeof json === 'string' || (typeof json === 'number' && Number.isFinite(json));

const isOffset = (json: unknown): boolean => Number.isSafeInteger(json) && (json as number) >= 0;
