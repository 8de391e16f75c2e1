import { isUuid, ZERO_UUID } from '../model/uuid.ts';
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
    case 'float64':
      // JSON has no numbers for these: Kafka's converter writes their names.
      return Number.isFinite(value) ? (value as number) : String(value);
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
  return type === 'uuid' ? ZERO_UUID : 0;
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
    const declared = Object.hasOwn(fields, name) ? fields[name] : undefined;
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

/** The ranges of the integers that are numbers in memory. */
const INTEGER_RANGES: Partial<Record<PrimitiveName, readonly [lowest: number, highest: number]>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
};
const NOT_FINITE = new Set<Json>(['NaN', 'Infinity', '-Infinity']);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function primitiveFromJson(type: PrimitiveName, json: Json, path: string): unknown {
  const wanted = (what: string) => new TypeError(`Cannot read ${path}: ${what} is wanted`);
  switch (type) {
    case 'bool':
      if (typeof json !== 'boolean') throw wanted('a boolean');
      return json;
    case 'string':
      if (typeof json !== 'string') throw wanted('a string');
      return json;
    case 'uuid':
      if (typeof json !== 'string' || !isUuid(json)) throw wanted('a uuid in base64url');
      return json;
    case 'bytes':
    case 'records': {
      if (typeof json !== 'string' || !BASE64.test(json)) throw wanted('a string in base64');
      const bytes = Buffer.from(json, 'base64');
      return type === 'bytes' ? bytes : [bytes];
    }
    case 'float64':
      if (typeof json !== 'number' && typeof json !== 'bigint' && !NOT_FINITE.has(json))
        throw wanted('a number');
      return Number(json);
    case 'int64': {
      const value =
        typeof json === 'bigint' || Number.isSafeInteger(json) ? BigInt(json as number) : undefined;
      if (value === undefined || BigInt.asIntN(64, value) !== value) throw wanted('an int64');
      return value;
    }
    default: {
      const [lowest, highest] = INTEGER_RANGES[type]!;
      if (typeof json !== 'number' || !Number.isInteger(json) || json < lowest || json > highest) {
        throw wanted(`an integer from ${lowest} to ${highest}`);
      }
      return json;
    }
  }
}
