import { failed } from '../model/failure.ts';
import { asPartitionIndex, type PartitionIndex } from '../model/ids.ts';
import { Misuse } from './exit_codes.ts';

/*
 * The forms in which people write what commands take. Each function says what it wants when it gets something else.
 */

const MAX_INT32 = 0x7fffffff;

/** A whole number from `least` on. */
export function parseCount(text: string, what: string, least = 1): number | Misuse {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= MAX_INT32) return value;
  return new Misuse(`${what} is "${text}", but must be a whole number, ${least} or more`);
}

/** `0,2-4`: the numbers of partitions. */
export function parsePartitions(text: string): PartitionIndex[] | Misuse {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last - first > 100_000) {
      return new Misuse(`"${text}" are no partitions: write them as 0,2-4`);
    }
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].sort((left, right) => left - right).map(asPartitionIndex);
}

/** `key=value` pairs; the last of a key counts. */
export function parsePairs(pairs: readonly string[], option: string): Record<string, string> | Misuse {
  const result: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) return new Misuse(`${option} takes key=value, and "${pair}" is none`);
    result[pair.slice(0, at).trim()] = pair.slice(at + 1);
  }
  return result;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time: ISO 8601 (UTC where it says no other zone), milliseconds since 1970, or `-15m` for before now (ms, s, m, h,
 * d). With or without the @ that positions have before it.
 */
export function parseTime(text: string, nowMs: number): bigint | Misuse {
  const time = text.startsWith('@') ? text.slice(1) : text;
  const ago = /^-(\d+)(ms|s|m|h|d)$/.exec(time);
  if (ago !== null) return BigInt(Math.max(0, Math.round(nowMs - Number(ago[1]) * UNIT_MS[ago[2]!]!)));
  if (/^\d{1,15}$/.test(time) && time.length > 4) return BigInt(time);
  const hasZone = /([zZ]|[+-]\d\d:?\d\d)$/.test(time);
  const ms = Date.parse(hasZone || !time.includes('T') ? time : `${time}Z`);
  if (!Number.isNaN(ms) && /^\d{4}-/.test(time)) return BigInt(ms);
  return new Misuse(
    `"${text}" is no time: write it as 2024-01-31T12:00:00Z, as milliseconds since 1970, or as -15m for before now`,
  );
}

/** A place in a partition's log. */
export type Position =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  /** So many records after the beginning, or before the end. */
  | { readonly kind: 'fromStart' | 'fromEnd'; readonly count: bigint }
  | { readonly kind: 'time'; readonly timestampMs: bigint };

const EARLIEST = new Set(['earliest', 'start', 'beginning', 'oldest']);
const LATEST = new Set(['latest', 'end', 'newest']);

/** A position as `start`, `end`, `123`, `+10`, `-10` or `@time`. */
export function parsePosition(text: string, nowMs: number): Position | Misuse {
  if (EARLIEST.has(text)) return { kind: 'earliest' };
  if (LATEST.has(text)) return { kind: 'latest' };
  if (text.startsWith('@')) {
    const timestampMs = parseTime(text, nowMs);
    return failed(timestampMs) ? timestampMs : { kind: 'time', timestampMs };
  }
  if (/^\d{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  if (/^[+-]\d{1,18}$/.test(text)) {
    const count = BigInt(text.slice(1));
    return { kind: text.startsWith('+') ? 'fromStart' : 'fromEnd', count };
  }
  return new Misuse(
    `"${text}" is no position: write start, end, an offset, +10 or -10 for so many after the start or before the end, or @time`,
  );
}
