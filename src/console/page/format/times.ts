export interface TimeOptions {
  readonly timeZone: 'local' | 'utc';
  readonly hasMilliseconds?: boolean;
}

/** `2026-11-30 12:00:00.123`, in the zone of the browser or in UTC. */
export function formatTime(
  timeMs: number | null | undefined,
  { timeZone, hasMilliseconds }: TimeOptions,
): string {
  if (timeMs === null || timeMs === undefined || Number.isNaN(timeMs)) return '–';
  const shiftMs = timeZone === 'utc' ? 0 : new Date(timeMs).getTimezoneOffset() * -60_000;
  const shifted = new Date(timeMs + shiftMs);
  if (Number.isNaN(shifted.getTime())) return `${timeMs} ms`;
  const text = shifted.toISOString().replace('T', ' ').replace('Z', '');
  const cut = hasMilliseconds === true ? text : text.slice(0, -4);
  return timeZone === 'utc' ? `${cut} UTC` : cut;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `850 ms`, `12 s`, `3 min`, `5 h 10 min`, `2 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const length = Math.abs(durationMs);
  if (length < SECOND_MS) return `${Math.round(length)} ms`;
  if (length < MINUTE_MS) return `${Math.floor(length / SECOND_MS)} s`;
  if (length < HOUR_MS) return twoUnits(length, [MINUTE_MS, 'min'], [SECOND_MS, 's'], 10);
  if (length < DAY_MS) return twoUnits(length, [HOUR_MS, 'h'], [MINUTE_MS, 'min'], 24);
  return twoUnits(length, [DAY_MS, 'd'], [HOUR_MS, 'h'], 7);
}

function twoUnits(
  length: number,
  [largeMs, large]: readonly [number, string],
  [smallMs, small]: readonly [number, string],
  smallBelow: number,
): string {
  const count = Math.floor(length / largeMs);
  const rest = Math.floor((length % largeMs) / smallMs);
  return count < smallBelow && rest > 0 ? `${count} ${large} ${rest} ${small}` : `${count} ${large}`;
}

export function formatAgo(timeMs: number | null | undefined, nowMs: number): string {
  if (timeMs === null || timeMs === undefined) return '–';
  return nowMs - timeMs < SECOND_MS ? 'now' : `${formatDuration(nowMs - timeMs)} ago`;
}

/**
 * The moment that a person wrote: `2026-11-30 12:00`, with `Z` or an offset behind it or in `timeZone`, or milliseconds
 * since 1970. Undefined when it is none.
 */
export function parseTime(text: string, timeZone: 'local' | 'utc'): number | undefined {
  const trimmed = text.trim();
  if (/^\d{11,14}$/.test(trimmed)) return Number(trimmed);
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?\s*(Z|UTC|[+-]\d\d:\d\d)?$/i.exec(trimmed);
  if (match === null) return undefined;
  const [, date, time = '00:00', zone] = match;
  const suffix =
    zone === undefined ? (timeZone === 'utc' ? 'Z' : '') : /utc/i.test(zone) ? 'Z' : zone.toUpperCase();
  const timeMs = Date.parse(`${date}T${time}${suffix}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
