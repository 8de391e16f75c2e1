import type { FormChoice, MessageQuery, Schema } from '../../../api/messages.ts';
import { parseTime } from '../../format/times.ts';
import type { ScanAim } from './scan_state.ts';

export type Place = 'newest' | 'oldest' | 'offset' | 'time';

/** What the form of the messages has in its fields. */
export interface MessageForm {
  readonly place: Place;
  /** The offset or the time. */
  readonly at: string;
  /** `all`, or a number. */
  readonly partition: string;
  readonly limit: string;
  readonly key: string;
  readonly keyFilter: string;
  readonly valueFilter: string;
  readonly headerFilter: string;
  readonly jsonFilter: string;
  readonly tombstones: 'all' | 'none' | 'only';
  readonly isCommittedOnly: boolean;
  readonly keyForm: FormChoice;
  readonly valueForm: FormChoice;
  readonly schemaText: string;
  readonly messageType: string;
  readonly framing: 'none' | 'confluent';
}

export const EMPTY_FORM: MessageForm = {
  place: 'newest',
  at: '',
  partition: 'all',
  limit: '50',
  key: '',
  keyFilter: '',
  valueFilter: '',
  headerFilter: '',
  jsonFilter: '',
  tombstones: 'all',
  isCommittedOnly: false,
  keyForm: 'auto',
  valueForm: 'auto',
  schemaText: '',
  messageType: '',
  framing: 'none',
};

export function hasFilter(form: MessageForm): boolean {
  const { key, keyFilter, valueFilter, headerFilter, jsonFilter, tombstones } = form;
  return (
    [key, keyFilter, valueFilter, headerFilter, jsonFilter].some(text => text !== '') || tombstones !== 'all'
  );
}

/** Why the form asks for nothing yet; undefined when it can be asked. */
export function problemOfForm(form: MessageForm, timeZone: 'local' | 'utc'): string | undefined {
  const { place, at, limit } = form;
  if (place === 'offset' && !/^\d+$/.test(at.trim())) return 'An offset is a whole number: 0, 1, 2 …';
  if (place === 'time' && parseTime(at, timeZone) === undefined) return 'Write a time as 2026-11-30 12:00.';
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > 500)
    return 'From 1 to 500 records are shown.';
  return undefined;
}

/** What is asked of the API, and when that is enough. */
export interface Search {
  readonly query: MessageQuery;
  readonly aim: ScanAim;
}

/** Of so many partitions that many records each are read to find the newest of all. */
const MAX_NEWEST_READ = 1000;
const MIN_NEWEST_OF_PARTITION = 10;

/**
 * What a form without a problem asks for. The newest records of several partitions are the last ones of what each has
 * at its end; with a filter, of all there is, since what it finds may be old.
 */
export function searchOfForm(form: MessageForm, { partitions, timeZone }: SearchOptions): Search {
  const query = queryOfForm(form, timeZone);
  const wanted = Number(form.limit);
  if (form.place !== 'newest') return { query, aim: { wanted, keepsLast: false } };
  const read = form.partition === 'all' ? partitions : 1;
  const each = Math.min(wanted, Math.max(MIN_NEWEST_OF_PARTITION, Math.floor(MAX_NEWEST_READ / read)));
  return {
    query: { ...query, from: hasFilter(form) ? 'start' : `-${each}` },
    aim: { wanted, keepsLast: true },
  };
}

export interface SearchOptions {
  readonly partitions: number;
  readonly timeZone: 'local' | 'utc';
}

/** The query of the API that a form without a problem means. */
function queryOfForm(form: MessageForm, timeZone: 'local' | 'utc'): MessageQuery {
  const schema = schemaOf(form);
  const given = (text: string) => (text === '' ? undefined : text);
  const query: { -readonly [K in keyof MessageQuery]: MessageQuery[K] | undefined } = {
    partitions: form.partition === 'all' ? undefined : [Number(form.partition)],
    from: fromOf(form, timeZone),
    limit: Number(form.limit),
    key: given(form.key),
    keyFilter: given(form.keyFilter),
    valueFilter: given(form.valueFilter),
    headerFilter: given(form.headerFilter),
    jsonFilter: given(form.jsonFilter),
    tombstones: form.tombstones === 'all' ? undefined : form.tombstones,
    isCommittedOnly: form.isCommittedOnly || undefined,
    keyForm: form.keyForm,
    valueForm: form.valueForm,
    valueSchema: schema,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as MessageQuery;
}

export function schemaOf({ valueForm, schemaText, messageType, framing }: MessageForm): Schema | undefined {
  if ((valueForm !== 'avro' && valueForm !== 'protobuf') || schemaText.trim() === '') return undefined;
  return { text: schemaText, framing, ...(messageType !== '' && { messageType }) };
}

function fromOf(form: MessageForm, timeZone: 'local' | 'utc'): string {
  switch (form.place) {
    case 'newest':
      return `-${form.limit}`;
    case 'oldest':
      return 'start';
    case 'offset':
      return form.at.trim();
    case 'time':
      return `@${parseTime(form.at, timeZone)}`;
  }
}
