import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Alert } from './alert.ts';
import type { ToldGroup } from './notifier.ts';
import type { Silence } from './silences.ts';

/** What goes from one active controller to the next. */
export interface AlertMemory {
  readonly alerts: readonly Alert[];
  readonly told: readonly ToldGroup[];
}

/** A setting's value holds so many characters. */
const MAX_CHARACTERS = 32_000;
/** What a value may inflate to: the state that 32,000 characters can hold, and no more. */
const MAX_INFLATED_BYTES = 4 * 1024 * 1024;
/** Alerts that are kept at most; those that fire longest come first. */
const MAX_ALERTS = 500;

/** Writes the memory as a setting's value: the youngest alerts are left out when there is no room for all. */
export function encodeMemory({ alerts, told }: AlertMemory): string {
  const order = { firing: 0, pending: 1, resolved: 2 };
  const sorted = [...alerts].sort(
    (left, right) => order[left.state] - order[right.state] || left.sinceMs - right.sinceMs,
  );
  let kept = sorted.slice(0, MAX_ALERTS);
  for (;;) {
    const text = deflateRawSync(JSON.stringify({ version: 1, alerts: kept, told })).toString('base64url');
    if (text.length <= MAX_CHARACTERS || kept.length === 0) return text;
    kept = kept.slice(0, Math.floor(kept.length * 0.7));
  }
}

/** @returns undefined for a value that is none, which another version may have written */
export function decodeMemory(text: string): AlertMemory | undefined {
  const value = decode(text) as { version?: unknown; alerts?: unknown; told?: unknown } | undefined;
  if (value?.version !== 1 || !Array.isArray(value.alerts) || !Array.isArray(value.told)) return undefined;
  return { alerts: value.alerts as Alert[], told: value.told as ToldGroup[] };
}

/** Writes a silence as one element of a list. */
export function encodeSilence(silence: Silence): string {
  return deflateRawSync(JSON.stringify(silence)).toString('base64url');
}

/** The silences of a list; what is none is left out. */
export function decodeSilences(elements: readonly string[]): { silence: Silence; element: string }[] {
  return elements.flatMap(element => {
    const silence = decode(element) as Silence | undefined;
    return typeof silence?.id === 'string' && Array.isArray(silence.matchers) ? [{ silence, element }] : [];
  });
}

function decode(text: string): unknown {
  try {
    const bytes = inflateRawSync(Buffer.from(text, 'base64url'), { maxOutputLength: MAX_INFLATED_BYTES });
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
