import type { ConsumedRecord } from '../../client/consumer/consumer.ts';
import { Misuse } from '../exit_codes.ts';

/*
 * Filters of records: FIELD OPERATOR TEXT, as `key=42`, `value~error|warn`, `header.trace!=`, `value.user.id=7`.
 *
 *   fields      key, value, header.NAME, topic, partition, offset, timestamp; value.a.b and key.a.b are fields of JSON
 *   operators   = is, != is not, ~ matches a regular expression, !~ does not; < <= > >= compare numbers
 *
 * A field that is not there is like an empty text. A record is taken when all filters take it.
 */

type Filter = (record: ConsumedRecord) => boolean;

const PATTERN = /^([A-Za-z_][\w.\-[\]]*)\s*(!=|!~|<=|>=|=|~|<|>)(.*)$/s;
const PLAIN_FIELDS = new Set(['topic', 'partition', 'offset', 'timestamp']);

export function parseFilter(text: string): Filter | Misuse {
  const match = PATTERN.exec(text);
  if (match === null) {
    return new Misuse(
      `--filter is "${text}": write it as key=TEXT, value~REGEX, header.NAME!=TEXT or value.path>NUMBER`,
    );
  }
  const [, field, operator, operand] = match as unknown as [string, string, string, string];
  const read = fieldReader(field);
  if (read instanceof Misuse) return read;
  const test = comparison(operator, operand);
  return test instanceof Misuse ? test : record => test(read(record));
}

function fieldReader(field: string): ((record: ConsumedRecord) => string) | Misuse {
  if (PLAIN_FIELDS.has(field)) return record => String(record[field as 'topic']);
  if (field.startsWith('header.')) {
    const name = field.slice('header.'.length);
    return ({ headers }) => headers.find(({ key }) => key === name)?.value?.toString() ?? '';
  }
  const [part, ...path] = field.split('.');
  if (part !== 'key' && part !== 'value') {
    return new Misuse(
      `--filter has the field "${field}": there are key, value, header.NAME, ${[...PLAIN_FIELDS].join(', ')}`,
    );
  }
  if (path.length === 0) return record => record[part]?.toString() ?? '';
  return record => jsonField(record[part]?.toString() ?? '', path);
}

/** The text of a field deep in JSON; empty where there is none. */
function jsonField(json: string, path: readonly string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return '';
  }
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function comparison(operator: string, operand: string): ((text: string) => boolean) | Misuse {
  if (operator === '=') return text => text === operand;
  if (operator === '!=') return text => text !== operand;
  if (operator === '~' || operator === '!~') {
    let pattern: RegExp;
    try {
      pattern = new RegExp(operand, 'u');
    } catch (error) {
      return new Misuse(`--filter has no regular expression: ${(error as Error).message}`);
    }
    return operator === '~' ? text => pattern.test(text) : text => !pattern.test(text);
  }
  const number = Number(operand);
  if (operand.trim() === '' || Number.isNaN(number)) {
    return new Misuse(`--filter compares with "${operand}", which is no number`);
  }
  const compare = NUMERIC[operator]!;
  return text => text !== '' && compare(Number(text), number);
}

const NUMERIC: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};
