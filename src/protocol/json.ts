import { structLayout } from './field_layout.ts';
import type { FieldKind, Fields, Message, MessageInput, MessageOf, PrimitiveName } from './schema.ts';
import { includesVersion } from './versions.ts';

/*
 * Messages as JSON, in the form that Kafka's own JsonConverter gives them: only the fields of the version, tagged
 * ones only if they differ from their default, bytes and records in base64, int64 as exact integers (bigint here).
 */

export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** The JSON form of a decoded message, as of `version`. */
export function toJson<M extends Message>(declaration: M, version: number, value: MessageOf<M>): Json {
  const flexible = includesVersion(declaration.flexible, version);
  return structToJson(declaration.fields, version, flexible, value as Record<string, unknown>);
}

function structToJson(
  fields: Fields,
  version: number,
  flexible: boolean,
  value: Record<string, unknown>,
): Json {
  const json: Record<string, Json> = {};
  for (const layout of structLayout(fields, version, flexible).all) {
    if (layout.place === 'absent') continue;
    const field = value[layout.name];
    if (layout.place === 'tagged' && isDefault(layout.field.kind, layout.field.options.default, field))
      continue;
    json[layout.name] = valueToJson(layout.field.kind, version, flexible, field);
  }
  return json;
}

function valueToJson(kind: FieldKind, version: number, flexible: boolean, value: unknown): Json {
  if (value === null) return null;
  switch (kind.type) {
    case 'array': {
      const { element } = kind;
      const elementKind: FieldKind =
        typeof element === 'string' ? { type: element } : { type: 'struct', fields: element };
      return (value as unknown[]).map(each => valueToJson(elementKind, version, flexible, each));
    }
    case 'struct':
      return structToJson(kind.fields, version, flexible, value as Record<string, unknown>);
    case 'records':
      return Buffer.concat(value as Buffer[]).toString('base64');
    case 'bytes':
      return (value as Buffer).toString('base64');
    default:
      return value as Json;
  }
}

function isDefault(kind: FieldKind, declared: unknown, value: unknown): boolean {
  if (value === null || declared === null) return value === declared;
  switch (kind.type) {
    case 'array':
    case 'bytes':
    case 'records':
      return (value as { length: number }).length === 0;
    case 'struct':
      return Object.entries(kind.fields).every(([name, field]) =>
        isDefault(field.kind, field.options.default, (value as Record<string, unknown>)[name]),
      );
    default:
      return value === (declared ?? zero(kind.type));
  }
}

function zero(type: PrimitiveName): unknown {
  if (type === 'bool') return false;
  if (type === 'int64') return 0n;
  if (type === 'string') return '';
  return type === 'uuid' ? 'AAAAAAAAAAAAAAAAAAAAAA' : 0;
}

/**
 * The message that a JSON form describes. Fields that the JSON lacks get their defaults when it is encoded.
 * @throws {TypeError} when the JSON has another shape than the declaration, naming the path
 */
export function fromJson<M extends Message>(declaration: M, json: Json): MessageInput<M> {
  return structFromJson(declaration.fields, json, declaration.name) as MessageInput<M>;
}

function structFromJson(fields: Fields, json: Json, path: string): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TypeError(`Cannot read ${path}: an object is wanted`);
  }
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(json as JsonObject)) {
    const declared = fields[name];
    if (declared === undefined) throw new TypeError(`Cannot read ${path}: there is no field ${name}`);
    value[name] = valueFromJson(declared.kind, field, `${path}.${name}`);
  }
  return value;
}

function valueFromJson(kind: FieldKind, json: Json, path: string): unknown {
  if (json === null) return null;
  switch (kind.type) {
    case 'array': {
      if (!Array.isArray(json)) throw new TypeError(`Cannot read ${path}: an array is wanted`);
      const { element } = kind;
      const elementKind: FieldKind =
        typeof element === 'string' ? { type: element } : { type: 'struct', fields: element };
      return json.map((each, index) => valueFromJson(elementKind, each, `${path}[${index}]`));
    }
    case 'struct':
      return structFromJson(kind.fields, json, path);
    default:
      return primitiveFromJson(kind.type, json, path);
  }
}

function primitiveFromJson(type: PrimitiveName, json: Json, path: string): unknown {
  const expect = (kind: string) => {
    if (typeof json !== kind) throw new TypeError(`Cannot read ${path}: a ${kind} is wanted`);
    return json;
  };
  switch (type) {
    case 'bool':
      return expect('boolean');
    case 'string':
    case 'uuid':
      return expect('string');
    case 'bytes':
      return Buffer.from(expect('string') as string, 'base64');
    case 'records':
      return [Buffer.from(expect('string') as string, 'base64')];
    case 'int64':
      return typeof json === 'number' ? BigInt(json) : expect('bigint');
    default:
      return typeof json === 'bigint' ? Number(json) : expect('number');
  }
}
