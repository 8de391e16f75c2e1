import type { FormChoice, Payload } from '../api/messages.ts';
import type { SchemaCodec } from './schema_codecs.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Larger texts are not parsed to find out whether they are JSON: they are text. */
const MAX_JSON_BYTES = 1024 * 1024;
/** What JSON can begin with. */
const JSON_START = /^\s*[[{"\-\d tfn]/;
/** So many bytes of a character at most. */
const BYTES_A_CHARACTER = 4;

/** Bytes as UTF-8; undefined where they are none. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** How bytes of one kind are shown: the keys of a request, or its values. */
export class PayloadForm {
  readonly #choice: FormChoice;
  readonly #codec: SchemaCodec | undefined;

  constructor(choice: FormChoice, codec: SchemaCodec | undefined) {
    this.#choice = choice;
    this.#codec = codec;
  }

  /** @param maxChars of the text; what is above is cut off */
  view(bytes: Uint8Array | null, maxChars: number): Payload | null {
    if (bytes === null) return null;
    const whole = this.#shown(bytes, maxChars);
    const text = whole.text.length > maxChars ? whole.text.slice(0, maxChars) : whole.text;
    const isCut = text.length < whole.text.length || whole.isCut === true;
    return {
      form: whole.form,
      text,
      sizeBytes: bytes.length,
      isCut,
      ...(whole.problem !== undefined && { problem: whole.problem }),
    };
  }

  /** What filters look in: the whole text, without finding out what it is where that makes no difference. */
  searchText(bytes: Uint8Array | null): string {
    if (bytes === null) return '';
    if (this.#codec !== undefined || this.#choice === 'hex' || this.#choice === 'base64') {
      return this.#shown(bytes, Infinity).text;
    }
    return asText(bytes) ?? hex(bytes, Infinity);
  }

  #shown(bytes: Uint8Array, maxChars: number): Shown {
    switch (this.#choice) {
      case 'hex':
        return { form: 'hex', ...hexShown(bytes, maxChars) };
      case 'base64':
        return { form: 'base64', text: Buffer.from(bytes).toString('base64') };
      case 'text':
        return (
          textShown(bytes, maxChars) ?? {
            form: 'hex',
            ...hexShown(bytes, maxChars),
            problem: 'It is no UTF-8',
          }
        );
      case 'avro':
      case 'protobuf':
        return this.#decoded(bytes, maxChars, this.#choice);
      case 'json':
      case 'auto':
        return this.#guessed(bytes, maxChars);
    }
  }

  #decoded(bytes: Uint8Array, maxChars: number, form: 'avro' | 'protobuf'): Shown {
    try {
      return { form, text: this.#codec!.decode(bytes) };
    } catch (error) {
      const why = `It does not fit the schema: ${(error as Error).message.slice(0, 300)}`;
      return { form: 'hex', ...hexShown(bytes, maxChars), problem: why };
    }
  }

  #guessed(bytes: Uint8Array, maxChars: number): Shown {
    const isWanted = this.#choice === 'json';
    const text = bytes.length <= MAX_JSON_BYTES ? asText(bytes) : undefined;
    if (text !== undefined && isJson(text)) return { form: 'json', text };
    const shown: Shown = (text === undefined ? textShown(bytes, maxChars) : { form: 'text', text }) ?? {
      form: 'hex',
      ...hexShown(bytes, maxChars),
    };
    if (!isWanted) return shown;
    const why = bytes.length > MAX_JSON_BYTES ? `It is larger than ${MAX_JSON_BYTES} bytes` : 'It is no JSON';
    return { ...shown, problem: why };
  }
}

interface Shown {
  readonly form: Payload['form'];
  readonly text: string;
  /** Only so much was made text as will be shown. */
  readonly isCut?: boolean;
  readonly problem?: string;
}

export function isJson(text: string): boolean {
  if (!JSON_START.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textShown(bytes: Uint8Array, maxChars: number): Shown | undefined {
  const most = maxChars * BYTES_A_CHARACTER;
  if (bytes.length <= most) {
    const text = asText(bytes);
    return text === undefined ? undefined : { form: 'text', text };
  }
  // The cut may go through a character: up to three bytes of it are left out.
  for (let end = most; end > most - BYTES_A_CHARACTER; end--) {
    const text = asText(bytes.subarray(0, end));
    if (text !== undefined) return { form: 'text', text, isCut: true };
  }
  return undefined;
}

function hexShown(bytes: Uint8Array, maxChars: number): { readonly text: string; readonly isCut: boolean } {
  const text = hex(bytes, maxChars);
  return { text, isCut: text.length < bytes.length * 2 };
}

function hex(bytes: Uint8Array, maxChars: number): string {
  const most = Math.min(bytes.length, Math.ceil(maxChars / 2));
  return Buffer.from(bytes.subarray(0, most)).toString('hex');
}
