import type { VersionRange } from './versions.ts';

/*
 * The language of the declarations in messages/. A message is a record of fields; a field has a type, the versions
 * that carry it and what stands for it in the others. Types are inferred from the declarations; codecs are built
 * from them, per version, when first used.
 *
 *     export const Example = message({ name: 'Example', versions: '0-3', flexible: '2+' }, {
 *       name: string('0+'),
 *       reason: string('1+', { nullable: '1+', default: null, ignorable: true }),
 *       partitions: array('0+', { index: int32('0+'), offset: int64('0+', { default: -1n }) }),
 *     });
 *     export type Example = MessageOf<typeof Example>;
 */

/** The TypeScript types of the primitive types. int64 is a bigint, exact; uuid is base64url without padding. */
export interface PrimitiveTypes {
  bool: boolean;
  int8: number;
  int16: number;
  uint16: number;
  int32: number;
  uint32: number;
  int64: bigint;
  float64: number;
  string: string;
  /** A view of the decoded frame, not a copy: copy what outlives the request. */
  bytes: Buffer;
  /** Record batches, opaque: as views of the decoded frame, and encoded by reference, chunk after chunk. */
  records: readonly Buffer[];
  uuid: string;
}

export type PrimitiveName = keyof PrimitiveTypes;

export interface FieldOptions<Default> {
  /** In which versions the field may be null. */
  readonly nullable?: VersionRange;
  /** The value where the version has no such field, and of a tagged field that is absent; else zero or empty. */
  readonly default?: Default;
  /** Whether a value that the version can't carry is dropped silently; without it, encoding it is an error. */
  readonly ignorable?: true;
  /** The field's tag, in its `versions` that are in `tagged` too (default: in all of its versions). */
  readonly tag?: number;
  readonly tagged?: VersionRange;
  /** `none`: has the old encoding (no compact length) in flexible versions too. */
  readonly flexible?: 'none';
}

export type FieldKind =
  | { readonly type: PrimitiveName }
  | { readonly type: 'array'; readonly element: PrimitiveName | Fields }
  | { readonly type: 'struct'; readonly fields: Fields };

/** A field of a message. `Value` is its type when decoded, `Input` what encoding takes for it. */
export interface Field<out Value = unknown, out Input = unknown, out Omissible extends boolean = boolean> {
  readonly kind: FieldKind;
  readonly versions: VersionRange;
  readonly options: FieldOptions<unknown>;
  /** Only for the compiler: carries the types. */
  readonly types?: { value: Value; input: Input; omissible: Omissible };
}

export interface Fields {
  readonly [name: string]: Field;
}

type ValueOf<F> = F extends Field<infer Value, unknown, boolean> ? Value : never;
type InputOf<F> = F extends Field<unknown, infer Input, boolean> ? Input : never;
type OmissibleNames<S extends Fields> = {
  [Name in keyof S]: S[Name] extends Field<unknown, unknown, true> ? Name : never;
}[keyof S];

/** What decoding gives: every field, those that the version lacks with their defaults. */
export type StructValue<S extends Fields> = { -readonly [Name in keyof S]: ValueOf<S[Name]> };

/** What encoding takes: fields with a default, tagged and ignorable ones may be left out. */
export type StructInput<S extends Fields> = {
  readonly [Name in Exclude<keyof S, OmissibleNames<S>>]: InputOf<S[Name]>;
} & { readonly [Name in OmissibleNames<S>]?: InputOf<S[Name]> | undefined };

type OrNull<Value, Options> = Options extends { nullable: VersionRange } ? Value | null : Value;
type IsOmissible<Options> = Options extends { default: unknown } | { ignorable: true } | { tag: number }
  ? true
  : false;

type ElementValue<E> = E extends PrimitiveName
  ? PrimitiveTypes[E]
  : E extends Fields
    ? StructValue<E>
    : never;
type ElementInput<E> = E extends PrimitiveName
  ? PrimitiveTypes[E]
  : E extends Fields
    ? StructInput<E>
    : never;

/** Shared by all fields without options: there are many, and the start of every program makes them. */
const NO_OPTIONS = {};

function primitive<Name extends PrimitiveName>(type: Name) {
  const kind = { type };
  return <const Options extends FieldOptions<PrimitiveTypes[Name] | null> = Record<never, never>>(
    versions: VersionRange,
    options?: Options,
  ): Field<
    OrNull<PrimitiveTypes[Name], Options>,
    OrNull<PrimitiveTypes[Name], Options>,
    IsOmissible<Options>
  > => ({
    kind,
    versions,
    options: options ?? NO_OPTIONS,
  });
}

export const bool = primitive('bool');
export const int8 = primitive('int8');
export const int16 = primitive('int16');
export const uint16 = primitive('uint16');
export const int32 = primitive('int32');
export const uint32 = primitive('uint32');
export const int64 = primitive('int64');
export const float64 = primitive('float64');
export const string = primitive('string');
export const bytes = primitive('bytes');
export const records = primitive('records');
export const uuid = primitive('uuid');

export function array<
  const Element extends PrimitiveName | Fields,
  const Options extends FieldOptions<null> = Record<never, never>,
>(
  versions: VersionRange,
  element: Element,
  options?: Options,
): Field<
  OrNull<ElementValue<Element>[], Options>,
  OrNull<readonly ElementInput<Element>[], Options>,
  IsOmissible<Options>
> {
  return { kind: { type: 'array', element }, versions, options: options ?? NO_OPTIONS };
}

export function struct<
  const S extends Fields,
  const Options extends FieldOptions<null> = Record<never, never>,
>(
  versions: VersionRange,
  fields: S,
  options?: Options,
): Field<OrNull<StructValue<S>, Options>, OrNull<StructInput<S>, Options>, IsOmissible<Options>> {
  return { kind: { type: 'struct', fields }, versions, options: options ?? NO_OPTIONS };
}

export interface MessageFacts {
  /** Kafka's name of the message: `ProduceRequest`, `TopicRecord`. */
  readonly name: string;
  /** API key of a request or response; record type of a record. Absent for data without one. */
  readonly key?: number;
  /** The versions that are encoded and decoded; `none` for messages that Kafka has removed. */
  readonly versions: VersionRange;
  /** The versions with compact lengths and tagged fields (KIP-482). */
  readonly flexible: VersionRange | 'none';
}

/** The declaration of a message. */
export interface Message<S extends Fields = Fields> extends MessageFacts {
  readonly fields: S;
}

export function message<const S extends Fields>(facts: MessageFacts, fields: S): Message<S> {
  return { ...facts, fields };
}

/** The decoded form of a declared message. */
export type MessageOf<M extends Message> = StructValue<M['fields']>;
/** What encoding a declared message takes. */
export type MessageInput<M extends Message> = StructInput<M['fields']>;

/** Which kind of listener answers an API. */
export type ListenerKind = 'broker' | 'controller';

/** An API: a request with its response. */
export interface Api<Request extends Message = Message, Response extends Message = Message> {
  readonly key: number;
  /** Kafka's name: `Produce`. */
  readonly name: string;
  readonly listeners: readonly ListenerKind[];
  /** Set when Kafka keeps the newest version of the declaration from clients until it is final. */
  readonly latestVersionUnstable?: true;
  readonly request: Request;
  readonly response: Response;
}

export function api<const Request extends Message, const Response extends Message>(
  declaration: Api<Request, Response>,
): Api<Request, Response> {
  return declaration;
}
