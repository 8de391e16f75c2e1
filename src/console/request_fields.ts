import type { Context } from 'hono';
import { Refusal } from './refusal.ts';

/** Digits of an int64, with its sign. */
const INT64 = /^-?\d{1,19}$/;
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * The fields of a request, from its body or the parameters of its URL, each taken with what it has to be. What is wrong
 * is refused with 400, and the field is named.
 */
export class RequestFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(fields: unknown, where = '') {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new Refusal(400, `${where === '' ? 'The body' : where} must be an object of JSON`);
    }
    this.#fields = fields as Record<string, unknown>;
    this.#where = where === '' ? '' : `${where}.`;
  }

  /** Of the body, which must be JSON. */
  static async ofBody(context: Context): Promise<RequestFields> {
    let body: unknown;
    try {
      body = await context.req.json();
    } catch {
      throw new Refusal(400, 'The body must be JSON');
    }
    return new RequestFields(body);
  }

  /** Of the parameters behind the `?`; their numbers and lists are texts. */
  static ofQuery(context: Context): RequestFields {
    return new RequestFields(context.req.query(), 'the parameters');
  }

  /** Of the body of a POST, of the parameters of everything else. */
  static async of(context: Context): Promise<RequestFields> {
    return context.req.method === 'POST'
      ? await RequestFields.ofBody(context)
      : RequestFields.ofQuery(context);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  isNull(name: string): boolean {
    return this.#get(name) === null;
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #refuse(name: string, allowed: string): never {
    const value = this.#get(name);
    const what = value === undefined ? 'is missing' : `is ${JSON.stringify(value)?.slice(0, 100)}`;
    throw new Refusal(400, `${this.#where}${name} ${what}: it must be ${allowed}`);
  }

  text(
    name: string,
    { least = 1, most = 1_000 }: { readonly least?: number; readonly most?: number } = {},
  ): string {
    const value = this.#get(name);
    if (typeof value === 'string' && value.length >= least && value.length <= most) return value;
    return this.#refuse(name, `a text of ${least} to ${most} characters`);
  }

  optionalText(name: string, most = 1_000): string | undefined {
    const value = this.#get(name);
    return value === undefined || value === null ? undefined : this.text(name, { least: 0, most });
  }

  word<const Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word {
    const value = this.#get(name);
    if (value === undefined) return otherwise;
    return words.find(word => word === value) ?? this.#refuse(name, `one of ${words.join(', ')}`);
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.#get(name);
    if (value === undefined) return otherwise;
    if (value === true || value === 'true' || value === '1') return true;
    if (value === false || value === 'false' || value === '0') return false;
    return this.#refuse(name, 'true or false');
  }

  /** A whole number that fits in a double. */
  whole(name: string, { least, most }: { readonly least: number; readonly most: number }): number {
    const value = this.#get(name);
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most)
      return number;
    return this.#refuse(name, `a whole number from ${least} to ${most}`);
  }

  optionalWhole(name: string, range: { readonly least: number; readonly most: number }): number | undefined {
    return this.has(name) && !this.isNull(name) ? this.whole(name, range) : undefined;
  }

  /** An int64 as digits in a text; a number of JSON too where it is exact. */
  int64(name: string): bigint {
    const value = this.#get(name);
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text === 'string' && INT64.test(text)) {
      const number = BigInt(text);
      if (number <= MAX_INT64 && number >= -MAX_INT64 - 1n) return number;
    }
    return this.#refuse(name, 'a whole number of 64 bits, in digits in a text');
  }

  /** Whole numbers from 0: an array, or with commas between them. */
  optionalWholes(name: string, most: number): number[] | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null || value === '') return undefined;
    const parts =
      typeof value === 'string'
        ? value.split(',').map(part => (/^\d{1,9}$/.test(part) ? Number(part) : -1))
        : value;
    const isFine =
      Array.isArray(parts) &&
      parts.length <= most &&
      parts.every(each => Number.isInteger(each) && each >= 0);
    return isFine ? (parts as number[]) : this.#refuse(name, `up to ${most} whole numbers`);
  }

  /** Texts by name. */
  optionalTexts(name: string, most: number): Record<string, string> | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    const isFine =
      typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.keys(value).length <= most &&
      Object.values(value).every(each => typeof each === 'string');
    return isFine
      ? (value as Record<string, string>)
      : this.#refuse(name, `an object of up to ${most} texts`);
  }

  optionalList(name: string, most: number): unknown[] | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) && value.length <= most
      ? value
      : this.#refuse(name, `a list of up to ${most}`);
  }

  optionalFields(name: string): RequestFields | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    return new RequestFields(value, `${this.#where}${name}`);
  }

  raw(name: string): unknown {
    return this.#get(name);
  }
}
