import type { ConsumedRecord } from '../../client/consumer/consumer.ts';
import { Refusal } from '../refusal.ts';
import type { RequestFields } from '../request_fields.ts';
import { fieldText } from './json_text.ts';
import type { MessageForms } from './message_query.ts';
import { asText, isJson } from './payload_forms.ts';

/** Whether a record is wanted; undefined takes all. */
export type RecordFilter = ((record: ConsumedRecord) => boolean) | undefined;

type Matcher = (text: string) => boolean;

const MAX_FILTER_CHARACTERS = 10_000;
/** A pattern is looked for in so much of a text. */
const MAX_PATTERN_TEXT = 256 * 1024;

/** What the filters of a request take together. @throws {Refusal} for one that is none */
export async function recordFilter(
  fields: RequestFields,
  key: Buffer | undefined,
  forms: MessageForms,
): Promise<RecordFilter> {
  const tests: ((record: ConsumedRecord) => boolean)[] = [];
  if (key !== undefined) tests.push(record => record.key !== null && key.equals(record.key));
  const tombstones = fields.word('tombstones', ['any', 'none', 'only'], 'any');
  if (tombstones !== 'any') tests.push(({ value }) => (value === null) === (tombstones === 'only'));
  const keyMatcher = await matcher(fields, 'keyFilter');
  if (keyMatcher !== undefined) tests.push(record => keyMatcher(forms.key.searchText(record.key)));
  const headers = fields.optionalText('headerFilter', MAX_FILTER_CHARACTERS);
  if (headers !== undefined && headers !== '') tests.push(headerTest(headers));
  const valueMatcher = await matcher(fields, 'valueFilter');
  if (valueMatcher !== undefined) tests.push(record => valueMatcher(forms.value.searchText(record.value)));
  const json = fields.optionalText('jsonFilter', MAX_FILTER_CHARACTERS);
  if (json !== undefined && json !== '') tests.push(jsonTest(json, forms));
  return tests.length === 0 ? undefined : record => tests.every(test => test(record));
}

/** A part of a text in any case, or a pattern: those are RE2's, which no text makes slow. */
async function matcher(fields: RequestFields, name: string): Promise<Matcher | undefined> {
  const filter = fields.optionalText(name, MAX_FILTER_CHARACTERS);
  if (filter === undefined || filter === '') return undefined;
  const pattern = /^\/(.+)\/(i?)$/s.exec(filter);
  if (pattern === null) {
    const part = filter.toLowerCase();
    return text => text.toLowerCase().includes(part);
  }
  const { RE2JS } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern[1]!, pattern[2] === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
    return text => compiled.matcher(text.slice(0, MAX_PATTERN_TEXT)).find();
  } catch (error) {
    throw new Refusal(400, `${name} is no regular expression of RE2: ${(error as Error).message}`);
  }
}

function headerTest(filter: string): (record: ConsumedRecord) => boolean {
  const equals = filter.indexOf('=');
  const name = equals < 0 ? filter : filter.slice(0, equals);
  const part = equals < 0 ? '' : filter.slice(equals + 1).toLowerCase();
  return ({ headers }) =>
    headers.some(
      ({ key, value }) =>
        key === name &&
        (part === '' || (value !== null && (asText(value) ?? '').toLowerCase().includes(part))),
    );
}

function jsonTest(filter: string, forms: MessageForms): (record: ConsumedRecord) => boolean {
  const equals = filter.indexOf('=');
  if (equals < 1) {
    throw new Refusal(400, 'jsonFilter must be a path and what is there, as order.id=42 or items.0.sku=A1');
  }
  const path = filter.slice(0, equals).trim().split('.');
  const wanted = filter.slice(equals + 1).trim();
  return ({ value }) => {
    const text = forms.value.searchText(value);
    // What is not in the text at all needs no parsing; a string may have it escaped.
    if (!text.includes(wanted) && !text.includes('\\')) return false;
    return isJson(text) && fieldText(text, path) === wanted;
  };
}
