/*
 * What a setting is, and the words its tables are written in. An entry of a table gives the default and the facts;
 * the type of the value follows from them, and with it the typed access of `broker_settings.ts` and
 * `topic_settings.ts`.
 */

/** As Kafka's ConfigDef names the types. */
export type SettingType =
  | 'boolean'
  | 'string'
  | 'int'
  | 'short'
  | 'long'
  | 'double'
  | 'list'
  | 'class'
  | 'password';

export type Importance = 'high' | 'medium' | 'low';

/** How a broker's setting may change while it runs: not at all, for one broker, or for all of them at once too. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

/** The facts that an entry of a table states. */
export interface Facts {
  readonly importance: Importance;
  /** `read-only` without it. Of no meaning for settings of topics and groups: those can always change. */
  readonly update?: 'per-broker' | 'cluster-wide';
  /** Why it has no effect here though it is accepted. Such a setting has no place in the typed settings. */
  readonly unused?: string;
  /** Kafka does not have it. */
  readonly ours?: true;
  /** Described only where it is set, as Kafka does with what is internal or for the run time alone. */
  readonly hidden?: true;
  /** What it does, in a sentence. */
  readonly doc: string;
}

/** One setting. `Value` is what its text is parsed to. */
export interface Setting<Value = unknown> {
  readonly name: string;
  readonly type: SettingType;
  /** The default as it is described; null for none. */
  readonly defaultText: string | null;
  readonly importance: Importance;
  readonly update: UpdateMode;
  readonly unused: string | undefined;
  readonly ours: boolean;
  readonly hidden: boolean;
  readonly doc: string;
  /** What a value may be, in words that follow "it must be". */
  readonly allowed: string;
  /** The value that a text stands for; undefined when it is not allowed. Spaces around it do not count. */
  readonly parse: (text: string) => Value | undefined;
}

/** A setting of a table: its type has the type of its value, and whether it has an effect. */
export interface Entry<Value, InForce extends boolean> extends Setting<Value> {
  /** For the compiler alone; never there. */
  readonly types?: { readonly value: Value; readonly inForce: InForce };
}

export type Table = Readonly<Record<string, Setting>>;

/** What a setting's text is parsed to; with undefined where it may have none. */
export type ValueOf<S> = S extends { readonly types?: { readonly value: infer Value } } ? Value : never;

type Built<Value, F extends Facts> = Entry<Value, F extends { unused: string } ? false : true>;
type OrNone<Value, Default> = Default extends null ? Value | undefined : Value;

/** The largest 64-bit number, as Kafka writes "never" and "no bound". */
export const MAX_LONG = '9223372036854775807';
/** The largest 32-bit number. */
export const MAX_INT = 2_147_483_647;

/** Gives the entries of a table their names. */
export function table<T extends Record<string, Setting>>(entries: T): Readonly<T> {
  for (const [name, setting] of Object.entries(entries)) (setting as { name: string }).name = name;
  return entries;
}

interface Parser<Value> {
  readonly allowed: string;
  readonly parse: (text: string) => Value | undefined;
}

/** A setting with a parser of its own. */
export function custom<Value, const Default extends string | null, const F extends Facts>(
  type: SettingType,
  defaultText: Default,
  parser: Parser<Value>,
  facts: F,
): Built<OrNone<Value, Default>, F> {
  return {
    name: '',
    type,
    defaultText,
    importance: facts.importance,
    update: facts.update ?? 'read-only',
    unused: facts.unused,
    ours: facts.ours ?? false,
    hidden: facts.hidden ?? false,
    doc: facts.doc,
    allowed: parser.allowed,
    parse: parser.parse as (text: string) => OrNone<Value, Default> | undefined,
  };
}

export function boolean<const F extends Facts>(defaultValue: boolean, facts: F) {
  return custom('boolean', String(defaultValue), { allowed: 'true or false', parse: parseBoolean }, facts);
}

interface NumberFacts extends Facts {
  readonly atLeast?: number;
  readonly atMost?: number;
  /** One more value that is allowed, outside of the range. */
  readonly also?: number;
}

/** 32 bits. */
export function int<const Default extends number | null, const F extends NumberFacts>(
  defaultValue: Default,
  facts: F,
) {
  return numeric('int', defaultValue, facts);
}

/** 16 bits. */
export function short<const Default extends number | null, const F extends NumberFacts>(
  defaultValue: Default,
  facts: F,
) {
  return numeric('short', defaultValue, facts);
}

/** 64 bits. Parsed to a number all the same: each is a threshold, and none above 2^53 is ever met. */
export function long<const Default extends number | string | null, const F extends NumberFacts>(
  defaultValue: Default,
  facts: F,
) {
  return numeric('long', defaultValue, facts);
}

export function double<const Default extends number | string, const F extends NumberFacts>(
  defaultValue: Default,
  facts: F,
) {
  return numeric('double', defaultValue, facts);
}

export function string<
  const Default extends string | null,
  const F extends Facts & { readonly nonEmpty?: true },
>(defaultText: Default, facts: F) {
  const parse = (text: string) => (facts.nonEmpty && text.trim() === '' ? undefined : text.trim());
  const allowed = facts.nonEmpty ? 'a text that is not empty' : 'a text';
  return custom('string', defaultText, { allowed, parse }, facts);
}

/** One of a few words: in exactly this spelling, or with `anyCase` in any, which is parsed to that of the table. */
export function oneOf<const Word extends string, const F extends Facts & { readonly anyCase?: true }>(
  words: readonly Word[],
  defaultText: NoInfer<Word>,
  facts: F,
): Built<Word, F> {
  const fold = (word: string) => (facts.anyCase ? word.toLowerCase() : word);
  const parse = (text: string) => words.find(word => fold(word) === fold(text.trim()));
  return custom<Word, string, F>(
    'string',
    defaultText,
    { allowed: `one of ${words.join(', ')}`, parse },
    facts,
  );
}

interface ListFacts extends Facts {
  /** The words that may be in it; any without. */
  readonly of?: readonly string[];
  readonly nonEmpty?: true;
}

/** Parts separated by commas. A part that comes twice counts once; an empty part is not allowed. */
export function list<const Default extends string | null, const F extends ListFacts>(
  defaultText: Default,
  facts: F,
) {
  const { of: words, nonEmpty } = facts;
  const parse = (text: string): readonly string[] | undefined => {
    const parts = [...new Set(splitList(text))];
    if (nonEmpty && parts.length === 0) return undefined;
    return parts.every(part => part !== '' && (words?.includes(part) ?? true)) ? parts : undefined;
  };
  const what = words === undefined ? 'a list of texts' : `a list of ${words.join(', ')}`;
  const allowed = `${what}, separated by commas${nonEmpty ? ' and not empty' : ''}`;
  return custom('list', defaultText, { allowed, parse }, facts);
}

/** The name of a class: kept as a text, since none can be loaded. */
export function className<const Default extends string | null, const F extends Facts>(
  defaultText: Default,
  facts: F,
) {
  return custom('class', defaultText, { allowed: "a class's name", parse: text => text.trim() }, facts);
}

/** A secret: its text is never described or shown. */
export function password<const F extends Facts>(facts: F) {
  return custom('password', null, { allowed: 'a text', parse: text => text.trim() }, facts);
}

/** The entry of a key, and never what every object inherits: keys come from files and from clients. */
export function entryOf<T>(entries: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}

/** The parts between commas, without the spaces around them; none for an empty text. */
export function splitList(text: string): string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/);
}

type NumberType = 'int' | 'short' | 'long' | 'double';

function numeric<const Default extends number | string | null, const F extends NumberFacts>(
  type: NumberType,
  defaultValue: Default,
  facts: F,
): Built<OrNone<number, Default>, F> {
  const { atLeast = -Infinity, atMost = Infinity, also } = facts;
  const parse = (text: string) => {
    const value = type === 'double' ? parseDouble(text) : parseInteger(text, INTEGER_BITS[type]);
    if (value === undefined) return undefined;
    return value === also || (value >= atLeast && value <= atMost) ? value : undefined;
  };
  const defaultText = defaultValue === null ? null : String(defaultValue);
  const parser = { allowed: allowedNumber(type, facts), parse };
  return custom<number, string | null, F>(type, defaultText, parser, facts) as Built<
    OrNone<number, Default>,
    F
  >;
}

/** More than any number of 64 bits needs; bounds the work on a text that is none. */
const MAX_INTEGER_CHARACTERS = 40;
const INTEGER_BITS = { short: 16, int: 32, long: 64 } as const;

function parseInteger(text: string, bits: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_INTEGER_CHARACTERS || !/^[+-]?\d+$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  const bound = 2 ** (bits - 1);
  if (Number.isSafeInteger(value)) return value >= -bound && value < bound ? value : undefined;
  return BigInt.asIntN(bits, BigInt(trimmed)) === BigInt(trimmed) ? value : undefined;
}

function parseDouble(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

function allowedNumber(type: NumberType, { atLeast, atMost, also }: NumberFacts): string {
  const kind = type === 'double' ? 'a number' : 'a whole number';
  const bits = type === 'int' || type === 'short' ? INTEGER_BITS[type] : undefined;
  const low = atLeast ?? (bits && -(2 ** (bits - 1)));
  const high = atMost ?? (bits && 2 ** (bits - 1) - 1);
  let range = '';
  if (low !== undefined) range = high === undefined ? ` of ${low} or more` : ` from ${low} to ${high}`;
  else if (type === 'long') range = ' of 64 bits';
  return `${kind}${range}${also === undefined ? '' : `, or ${also}`}`;
}

function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'true') return true;
  return word === 'false' ? false : undefined;
}
