import type { Api, FieldKind, Fields } from '../protocol/schema.ts';

/** Is called with each error code of a response; with 0 for a success. */
type Count = (code: number) => void;
type Visit = (value: Readonly<Record<string, unknown>>, count: Count) => void;

const ERROR_FIELD = 'errorCode';
const NO_ERROR = 0;

/**
 * Makes what finds the error codes of an API's responses, at every depth. A response without any counts as one
 * success.
 */
export function errorCounter(api: Api): (response: unknown, count: Count) => void {
  const visit = visitorOf(api.response.fields);
  return (response, count) => {
    if (visit === undefined) count(NO_ERROR);
    else visit(response as Readonly<Record<string, unknown>>, count);
  };
}

function visitorOf(fields: Fields): Visit | undefined {
  const hasOwn = fields[ERROR_FIELD] !== undefined;
  const nested: (readonly [name: string, visit: Visit])[] = [];
  for (const [name, { kind }] of Object.entries(fields)) {
    const inner = fieldsIn(kind);
    const visit = inner === undefined ? undefined : visitorOf(inner);
    if (visit !== undefined) nested.push([name, visit]);
  }
  if (!hasOwn && nested.length === 0) return undefined;
  return (value, count) => {
    // What a handler leaves out has its default.
    if (hasOwn) count((value[ERROR_FIELD] as number | undefined) ?? NO_ERROR);
    for (const [name, visit] of nested) {
      const inside = value[name];
      if (Array.isArray(inside)) for (const each of inside) visit(each, count);
      else if (inside !== null && inside !== undefined) visit(inside as Record<string, unknown>, count);
    }
  };
}

function fieldsIn(kind: FieldKind): Fields | undefined {
  if (kind.type === 'struct') return kind.fields;
  return kind.type === 'array' && typeof kind.element === 'object' ? kind.element : undefined;
}
