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

/** The fewest bytes that an element of an array can take. */
export function minElementSize(element: PrimitiveName | Fields, version: number, flexible: boolean): number {
  if (typeof element === 'string') return fixedSize(element) ?? (flexible ? 1 : element === 'string' ? 2 : 4);
  let size = flexible ? 1 : 0;
  for (const layout of structLayout(element, version, flexible).plain) {
    size += minFieldSize(layout, version, flexible);
  }
  // An element without a byte of its own would let a count of 2^31 through: none of Kafka's messages has one.
  return Math.max(size, 1);
}

function minFieldSize(layout: FieldLayout, version: number, flexible: boolean): number {
  const { kind } = layout.field;
  if (kind.type === 'array') return layout.compact ? 1 : 4;
  if (kind.type === 'struct') return layout.nullable ? 1 : minElementSize(kind.fields, version, flexible);
  return minElementSize(kind.type, version, layout.compact);
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
