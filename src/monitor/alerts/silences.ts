import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { Alert } from './alert.ts';
import { type Matcher, matcherProblem, matchesAll } from './matchers.ts';
import { parseTime } from './rfc3339.ts';

/** Alerts that are not told for a while. Times are wall-clock milliseconds. */
export interface Silence {
  readonly id: string;
  /** All must hold. */
  readonly matchers: readonly Matcher[];
  readonly startsMs: number;
  readonly endsMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** What someone asks for: an id is given to it. */
export type SilenceRequest = Omit<Silence, 'id'>;

const MAX_TEXT_LENGTH = 200;
const MAX_MATCHERS = 10;
/** Longer than this, it is no silence but a rule that is not wanted. */
const MAX_DURATION_MS = 366 * 24 * 3600 * 1000;

/** Reads a silence as a client sends it, in the form of Alertmanager's API v2. @returns INVALID_REQUEST with what is wrong */
export function parseSilence(body: unknown, nowMs: number): SilenceRequest | Failure {
  if (typeof body !== 'object' || body === null) return refuse('it must be an object in JSON');
  const { matchers, startsAt, endsAt, createdBy = 'unknown', comment } = body as Record<string, unknown>;
  if (!Array.isArray(matchers) || matchers.length === 0 || matchers.length > MAX_MATCHERS) {
    return refuse(`matchers must be a list of 1 to ${MAX_MATCHERS}: [{"name": "alertname", "value": "…"}]`);
  }
  const parsed: Matcher[] = [];
  for (const each of matchers as Record<string, unknown>[]) {
    const { name, value, isRegex = false, isEqual = true } = each ?? {};
    if (typeof name !== 'string' || typeof value !== 'string' || value.length > MAX_TEXT_LENGTH)
      return refuse('a matcher has a name and a value, and may have isRegex and isEqual');
    const matcher = { name, value, isRegex: isRegex === true, isEqual: isEqual !== false };
    const problem = matcherProblem(matcher);
    if (problem !== undefined) return refuse(problem);
    parsed.push(matcher);
  }
  // What holds for everything would silence everything, mostly by mistake.
  if (parsed.every(each => matchesAll({}, [each])))
    return refuse('a matcher must name a value: these hold for every alert');
  const startsMs = startsAt === undefined ? nowMs : parseTime(startsAt);
  const endsMs = parseTime(endsAt);
  if (startsMs === undefined || endsMs === undefined)
    return refuse('endsAt, and startsAt where it is given, must be times like 2030-01-31T12:00:00Z');
  if (endsMs <= Math.max(startsMs, nowMs)) return refuse('endsAt must be in the future, and after startsAt');
  if (endsMs - startsMs > MAX_DURATION_MS) return refuse('a silence may last a year');
  if (typeof comment !== 'string' || comment.trim() === '' || comment.length > MAX_TEXT_LENGTH)
    return refuse(`comment must say why, in up to ${MAX_TEXT_LENGTH} characters`);
  if (typeof createdBy !== 'string' || createdBy.length > MAX_TEXT_LENGTH)
    return refuse(`createdBy must be a text of up to ${MAX_TEXT_LENGTH} characters`);
  return { matchers: parsed, startsMs, endsMs, createdBy, comment };
}

/** The silence that keeps an alert from being told. */
export function silenceOf(alert: Alert, silences: readonly Silence[], nowMs: number): Silence | undefined {
  return silences.find(
    ({ startsMs, endsMs, matchers }) =>
      startsMs <= nowMs && nowMs < endsMs && matchesAll(alert.labels, matchers),
  );
}

function refuse(text: string): Failure {
  return new Failure(Errors.INVALID_REQUEST, `Cannot make the silence: ${text}`);
}
