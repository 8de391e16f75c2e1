/*
 * JSON as text, so that no number loses digits: JSON.parse makes doubles of them.
 */

/** A value as JSON, with bigints as their digits and bytes as Avro's JSON has them: a character a byte. */
export function exactJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('latin1'));
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${exactJson(field)}`).join(',')}}`;
}

/** Digits beyond these are not exact in a double. */
const EXACT_DIGITS = 15;
/** Strings, which stay as they are, and whole numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON whose large whole numbers are strings of their digits: what reads 64 bits from either gets all of them. */
export function quoteLargeNumbers(json: string): string {
  return json.replace(TOKENS, token =>
    /^-?\d+$/.test(token) && token.length > EXACT_DIGITS ? `"${token}"` : token,
  );
}

/**
 * The text of a field deep in JSON: the digits of a number as they are, a string without its quotes, else JSON.
 * @param json valid JSON
 * @param path names, and places in arrays
 * @returns undefined where there is no such field
 */
export function fieldText(json: string, path: readonly string[]): string | undefined {
  const reader = new JsonReader(json);
  for (const name of path) if (!reader.enter(name)) return undefined;
  const text = reader.value();
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** Goes through valid JSON without making values of it. */
class JsonReader {
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
    this.#skipSpace();
  }

  /** Goes to the value under a name, or at a place; false where there is none. */
  enter(name: string): boolean {
    const open = this.#json[this.#at];
    if (open !== '{' && open !== '[') return false;
    this.#at++;
    this.#skipSpace();
    for (let index = 0; this.#json[this.#at] !== (open === '{' ? '}' : ']'); index++) {
      const key = open === '{' ? this.#key() : String(index);
      if (key === name) return true;
      this.value();
      this.#skipSpace();
      if (this.#json[this.#at] === ',') this.#at++;
      this.#skipSpace();
    }
    return false;
  }

  #key(): string {
    const key = JSON.parse(this.value()) as string;
    this.#skipSpace();
    // Behind the colon.
    this.#at++;
    this.#skipSpace();
    return key;
  }

  /** The text of the value that begins here; goes behind it. */
  value(): string {
    const start = this.#at;
    let depth = 0;
    do {
      const character = this.#json[this.#at];
      if (character === '"') this.#skipString();
      else {
        if (character === '{' || character === '[') depth++;
        if (character === '}' || character === ']') depth--;
        this.#at++;
      }
      // A number or a word goes on until what can't be in it.
    } while (this.#at < this.#json.length && (depth > 0 || !this.#isEnd()));
    return this.#json.slice(start, this.#at).trim();
  }

  #isEnd(): boolean {
    const character = this.#json[this.#at]!;
    return ',}]:'.includes(character) || '"}]'.includes(this.#json[this.#at - 1]!);
  }

  #skipString(): void {
    this.#at++;
    while (this.#json[this.#at] !== '"') this.#at += this.#json[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#json[this.#at] ?? 'x')) this.#at++;
  }
}
