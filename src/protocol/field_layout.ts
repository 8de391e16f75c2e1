import { ZERO_UUID } from '../model/uuid.ts';
import type { Field, Fields, PrimitiveName } from './schema.ts';
import { includesVersion, type VersionRange } from './versions.ts';

/** How one field stands on the wire in one version of its message: what both code generators start from. */
export interface FieldLayout {
  readonly name: string;
  readonly field: Field;
  /** Absent: the version has no such field. Tagged: in the section at the end of the struct. */
  readonly place: 'absent' | 'plain' | 'tagged';
  readonly tag: number;
  readonly nullable: boolean;
  /** Whether lengths are compact (unsigned varint of length + 1). */
  readonly compact: boolean;
}

export interface StructLayout {
  readonly all: readonly FieldLayout[];
  readonly plain: readonly FieldLayout[];
  /** In ascending order of tags. */
  readonly tagged: readonly FieldLayout[];
  /** Whether a section of tagged fields ends the struct. */
  readonly flexible: boolean;
}

export function structLayout(fields: Fields, version: number, flexible: boolean): StructLayout {
  const all = Object.entries(fields).map(([name, field]) => fieldLayout(name, field, version, flexible));
  return {
    all,
    plain: all.filter(layout => layout.place === 'plain'),
    tagged: all.filter(layout => layout.place === 'tagged').sort((left, right) => left.tag - right.tag),
    flexible,
  };
}

function fieldLayout(name: string, field: Field, version: number, flexible: boolean): FieldLayout {
  const { nullable, tag, tagged, flexible: flexibleField } = field.options;
  const within = (range: VersionRange | undefined) => range !== undefined && includesVersion(range, version);
  const present = within(field.versions);
  const isTagged = present && tag !== undefined && (tagged === undefined || within(tagged));
  return {
    name,
    field,
    place: !present ? 'absent' : isTagged ? 'tagged' : 'plain',
    tag: tag ?? -1,
    nullable: within(nullable),
    compact: flexible && flexibleField !== 'none',
  };
}

const FIXED_SIZES: Partial<Record<PrimitiveName, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** Bytes that every value of the type takes; undefined for the types with a length. */
export function fixedSize(type: string): number | undefined {
  return FIXED_SIZES[type as PrimitiveName];
}

/** The fewest bytes that an element of an array can take on the wire. */
export function leastElementSize(
  element: PrimitiveName | Fields,
  version: number,
  flexible: boolean,
): number {
  if (typeof element === 'string') return fixedSize(element) ?? (flexible ? 1 : element === 'string' ? 2 : 4);
  let size = flexible ? 1 : 0;
  for (const layout of structLayout(element, version, flexible).plain) {
    size += leastFieldSize(layout, version, flexible);
  }
  // An element without a byte of its own would let a count of 2^31 through: none of Kafka's messages has one.
  return Math.max(size, 1);
}

function leastFieldSize(layout: FieldLayout, version: number, flexible: boolean): number {
  const { kind } = layout.field;
  if (kind.type === 'array') return layout.compact ? 1 : 4;
  if (kind.type === 'struct') return layout.nullable ? 1 : leastElementSize(kind.fields, version, flexible);
  return leastElementSize(kind.type, version, layout.compact);
}

/** What a place in an object or array takes, and an object with no places, in V8 on 64 bits. */
const PLACE_BYTES = 8;
const OBJECT_BYTES = 24;

/** About what a value takes in memory beside its place: integers to 32 bits nothing, short strings their header. */
const MEMORY_BYTES: Record<PrimitiveName, number> = {
  bool: 0,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 16,
  int64: 24,
  float64: 16,
  string: 24,
  bytes: 120,
  records: 170,
  uuid: 40,
};
const EMPTY_ARRAY_BYTES = 48;

/** About what an element of an array takes in memory, its place included, what its own arrays hold not. */
export function memoryOfElement(element: PrimitiveName | Fields, version: number, flexible: boolean): number {
  return (
    PLACE_BYTES +
    (typeof element === 'string' ? MEMORY_BYTES[element] : memoryOfStruct(element, version, flexible))
  );
}

function memoryOfStruct(fields: Fields, version: number, flexible: boolean): number {
  let bytes = OBJECT_BYTES;
  for (const { field, place } of structLayout(fields, version, flexible).all) {
    bytes += PLACE_BYTES;
    const { kind } = field;
    if (kind.type === 'struct') bytes += memoryOfStruct(kind.fields, version, flexible);
    else if (kind.type === 'array') bytes += EMPTY_ARRAY_BYTES;
    else if (place !== 'absent') bytes += MEMORY_BYTES[kind.type];
  }
  return bytes;
}

/** The source text of the value that stands for a field that is not there; `structDefault` names a struct's. */
export function defaultSource(field: Field, structDefault: (fields: Fields) => string): string {
  const { default: value } = field.options;
  if (value === null) return 'null';
  const { kind } = field;
  switch (kind.type) {
    case 'struct':
      return structDefault(kind.fields);
    case 'array':
    case 'records':
      return '[]';
    case 'bytes':
      return 'EMPTY';
    case 'bool':
      return String(value ?? false);
    case 'string':
      return JSON.stringify(value ?? '');
    case 'uuid':
      return JSON.stringify(value ?? ZERO_UUID);
    case 'int64':
      return `${value ?? 0n}n`;
    default:
      return String(value ?? 0);
  }
}

/** Numbers the structs of a message, each once however often it occurs, and keeps the functions made for them. */
export class StructSources {
  readonly #names = new Map<Fields, string>();
  readonly #sources: string[] = [];
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The name of the struct's function; `generate` makes the source the first time. */
  name(fields: Fields, generate: (name: string) => string): string {
    let name = this.#names.get(fields);
    if (name === undefined) {
      name = `${this.#prefix}${this.#names.size}`;
      this.#names.set(fields, name);
      this.#sources.push(generate(name));
    }
    return name;
  }

  get source(): string {
    return this.#sources.join('\n');
  }
}
