import type { Json } from '../../src/protocol/json.ts';

type JsonObject = { readonly [key: string]: Json };

/**
 * Where two JSON values differ first, in words; undefined when they are equal. An integer equals the bigint of the
 * same value, and -0 is not 0.
 */
export function firstDifference(wanted: Json, found: Json, path = ''): string | undefined {
  const where = path === '' ? 'the value' : path;
  const differ = () => `${where} is ${show(found)}, not ${show(wanted)}`;
  if (typeof wanted !== 'object' || typeof found !== 'object' || wanted === null || found === null) {
    return isSameScalar(wanted, found) ? undefined : differ();
  }
  if (Array.isArray(wanted) !== Array.isArray(found)) return differ();
  if (Array.isArray(wanted) && wanted.length !== (found as readonly Json[]).length) {
    return `${where} has ${(found as readonly Json[]).length} elements, not ${wanted.length}`;
  }
  return firstDifferentField(wanted as JsonObject, found as JsonObject, path);
}

/** Arrays are taken as objects of their indexes. */
function firstDifferentField(wanted: JsonObject, found: JsonObject, path: string): string | undefined {
  const within = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(found, name)) return `${within(name)} is missing`;
    const difference = firstDifference(value, found[name]!, within(name));
    if (difference !== undefined) return difference;
  }
  const extra = Object.keys(found).find(name => !Object.hasOwn(wanted, name));
  return extra === undefined ? undefined : `${within(extra)} should not be there`;
}

function isSameScalar(wanted: Json, found: Json): boolean {
  if (typeof wanted === 'bigint' && typeof found === 'number') return wanted === toInteger(found);
  if (typeof wanted === 'number' && typeof found === 'bigint') return toInteger(wanted) === found;
  return Object.is(wanted, found);
}

function toInteger(value: number): bigint | undefined {
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

const SHOWN_LENGTH = 60;

function show(value: Json): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `${each}n` : each));
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

const SHOWN_BYTES = 8;

/** Where bytes encoded from `source` differ from those wanted, in words; undefined when they are the same. */
export function differentBytes(source: string, wanted: Buffer, found: Buffer): string | undefined {
  if (wanted.equals(found)) return undefined;
  let at = 0;
  while (at < wanted.length && at < found.length && wanted[at] === found[at]) at++;
  const showFrom = (bytes: Buffer) => {
    if (at === bytes.length) return 'the end';
    return `${bytes.toString('hex', at, at + SHOWN_BYTES)}${at + SHOWN_BYTES < bytes.length ? '…' : ''}`;
  };
  return `encoded from the ${source}: at byte ${at} ${showFrom(found)}, not ${showFrom(wanted)}`;
}

/** Whether it is hexadecimal text of whole bytes. */
export function isHex(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[0-9a-f]{2})*$/i.test(value);
}
