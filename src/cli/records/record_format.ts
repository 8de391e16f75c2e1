import type { ConsumedRecord } from '../../client/consumer/consumer.ts';
import { failed } from '../../model/failure.ts';
import type { RecordHeader } from '../../records/record.ts';
import { Misuse } from '../exit_codes.ts';
import { toJson } from '../output/json.ts';
import { formatTime } from '../output/units.ts';
import { asText, recordData } from './record_text.ts';

/*
 * Format strings, as kcat's and rpk's where these agree:
 *
 *   %t topic · %p partition · %o offset · %e leader epoch · %k key · %v or %s value · %h headers · %d or %T timestamp
 *   %K, %V or %S, %H their lengths (-1 for null) · %i the record's number, from 1 · %j the whole record as JSON · %%
 *
 *   %v{hex} %v{base64} %v{json} %v{text} the bytes in another form (so keys); %d{iso} the time in ISO 8601
 *   %h{%k=%v\n} a format for each header
 *   \n \t \r \\ \0 \x1f characters
 */

type Piece = (record: ConsumedRecord, number: number) => string | Uint8Array;

/** Makes the bytes that a record is shown as. */
export interface RecordFormat {
  format(record: ConsumedRecord, number: number): Uint8Array;
}

const BYTE_FORMS: Readonly<Record<string, (bytes: Uint8Array) => string | Uint8Array>> = {
  '': bytes => bytes,
  hex: bytes => Buffer.from(bytes).toString('hex'),
  base64: bytes => Buffer.from(bytes).toString('base64'),
  text: bytes => asText(bytes) ?? JSON.stringify(Buffer.from(bytes).toString('latin1')),
  json: bytes => JSON.stringify(asText(bytes) ?? Buffer.from(bytes).toString('base64')),
};

/** Reads a format string. */
export function parseRecordFormat(text: string): RecordFormat | Misuse {
  const pieces = new FormatParser(text, RECORD_VERBS).parse();
  if (failed(pieces)) return pieces;
  return {
    format: (record, number) =>
      Buffer.concat(
        pieces.map(piece => {
          const shown = piece(record, number);
          return typeof shown === 'string' ? Buffer.from(shown) : shown;
        }),
      ),
  };
}

/** What a letter stands for, given what is in the braces behind it. */
type Verb<P> = (braces: string) => P | Misuse;

const RECORD_VERBS: Readonly<Record<string, Verb<Piece>>> = {
  t: plain(record => record.topic),
  p: plain(record => String(record.partition)),
  o: plain(record => String(record.offset)),
  e: plain(record => String(record.leaderEpoch)),
  k: bytesOf(record => record.key),
  v: bytesOf(record => record.value),
  s: bytesOf(record => record.value),
  K: plain(record => String(record.key?.length ?? -1)),
  V: plain(record => String(record.value?.length ?? -1)),
  S: plain(record => String(record.value?.length ?? -1)),
  H: plain(record => String(record.headers.length)),
  d: timestamp,
  T: timestamp,
  i: plain((_, number) => String(number)),
  j: plain(record => toJson(recordData(record))),
  h: headers,
};

type HeaderPiece = (header: RecordHeader, number: number) => string | Uint8Array;

const HEADER_VERBS: Readonly<Record<string, Verb<HeaderPiece>>> = {
  k: braces => noBraces(braces, header => header.key),
  v: bytesOf(header => header.value),
  V: braces => noBraces(braces, header => String(header.value?.length ?? -1)),
};

function noBraces<P>(braces: string, piece: P): P | Misuse {
  return braces === '' ? piece : new Misuse(`nothing can be in the braces, and "{${braces}}" is`);
}

function plain(piece: Piece): Verb<Piece> {
  return braces => noBraces(braces, piece);
}

function bytesOf<Item>(
  pick: (item: Item) => Uint8Array | null,
): Verb<(item: Item, number: number) => string | Uint8Array> {
  return braces => {
    const form = Object.hasOwn(BYTE_FORMS, braces) ? BYTE_FORMS[braces] : undefined;
    if (form === undefined)
      return new Misuse(`{hex}, {base64}, {text} or {json} is meant, not "{${braces}}"`);
    return item => {
      const bytes = pick(item);
      if (bytes === null) return braces === 'json' ? 'null' : '';
      return form(bytes);
    };
  };
}

function timestamp(braces: string): Piece | Misuse {
  if (braces === '') return record => String(record.timestamp);
  if (braces === 'iso') return record => formatTime(record.timestamp);
  return new Misuse(`{iso} is meant, not "{${braces}}"`);
}

function headers(braces: string): Piece | Misuse {
  if (braces === '') {
    return ({ headers: all }) => all.map(({ key, value }) => `${key}=${value?.toString() ?? ''}`).join(',');
  }
  const pieces = new FormatParser(braces, HEADER_VERBS).parse();
  if (failed(pieces)) return pieces;
  return ({ headers: all }) =>
    Buffer.concat(
      all.flatMap((header, index) => pieces.map(piece => Buffer.from(piece(header, index + 1) as string))),
    );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' };

/** Reads one format string with the verbs that it may have. */
class FormatParser<P> {
  readonly #text: string;
  readonly #verbs: Readonly<Record<string, Verb<P>>>;
  #at = 0;

  constructor(text: string, verbs: Readonly<Record<string, Verb<P>>>) {
    this.#text = text;
    this.#verbs = verbs;
  }

  parse(): P[] | Misuse {
    const pieces: P[] = [];
    let literal = '';
    const endLiteral = () => {
      if (literal !== '') {
        const text = literal;
        pieces.push((() => text) as P);
      }
      literal = '';
    };
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++]!;
      if (character === '%' && this.#text[this.#at] !== '%') {
        endLiteral();
        const piece = this.#verb();
        if (failed(piece)) return piece;
        pieces.push(piece);
      } else if (character === '%') {
        this.#at++;
        literal += '%';
      } else if (character === '\\') {
        const escaped = this.#escape();
        if (failed(escaped)) return escaped;
        literal += escaped;
      } else {
        literal += character;
      }
    }
    endLiteral();
    return pieces;
  }

  #verb(): P | Misuse {
    const letter = this.#text[this.#at++] ?? '';
    const verb = Object.hasOwn(this.#verbs, letter) ? this.#verbs[letter] : undefined;
    if (verb === undefined) {
      const known = Object.keys(this.#verbs).map(each => `%${each}`);
      return new Misuse(`the format "${this.#text}" has "%${letter}": there are ${known.join(' ')} and %%`);
    }
    const braces = this.#braces();
    if (failed(braces)) return braces;
    const piece = verb(braces);
    return failed(piece)
      ? new Misuse(`the format "${this.#text}": behind %${letter} ${piece.message}`)
      : piece;
  }

  /** What is in the braces here, which may hold others; empty where there are none. */
  #braces(): string | Misuse {
    if (this.#text[this.#at] !== '{') return '';
    const start = this.#at + 1;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at++;
      if (character === '{') depth++;
      if (character === '}' && --depth === 0) return this.#text.slice(start, this.#at++);
    }
    return new Misuse(`the format "${this.#text}" has a "{" without its "}"`);
  }

  #escape(): string | Misuse {
    const letter = this.#text[this.#at++] ?? '';
    if (letter === 'x') {
      const hex = this.#text.slice(this.#at, this.#at + 2);
      this.#at += 2;
      if (/^[0-9a-fA-F]{2}$/.test(hex)) return String.fromCharCode(Number.parseInt(hex, 16));
    }
    return (
      ESCAPES[letter] ??
      (['{', '}', '%'].includes(letter)
        ? letter
        : new Misuse(
            `the format "${this.#text}" has "\\${letter}": there are \\n \\t \\r \\0 \\\\ and \\x1f`,
          ))
    );
  }
}

/** Reads the escapes of a delimiter alone. */
export function parseDelimiter(text: string): Buffer | Misuse {
  const pieces = new FormatParser<() => string>(text.replaceAll('%', '%%'), {}).parse();
  return failed(pieces) ? pieces : Buffer.from(pieces.map(piece => piece()).join(''));
}
