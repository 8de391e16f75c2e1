const MS_A_DAY = 86_400_000;
const FORM = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Days from 1970-01-01 to a day of the Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Reads a time such as `2030-01-31T12:00:00Z` as milliseconds since 1970; undefined when it is none. */
export function parseTime(text: unknown): number | undefined {
  const match = typeof text === 'string' ? FORM.exec(text) : null;
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const zone = match[8]!;
  const sign = zone.startsWith('-') ? -1 : 1;
  const offsetMinutes =
    zone.toUpperCase() === 'Z' ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const fraction = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  const seconds = hour * 3600 + (minute - offsetMinutes) * 60 + second;
  return daysOf(year, month, day) * MS_A_DAY + seconds * 1000 + fraction;
}

/** Writes milliseconds since 1970 as `2030-01-31T12:00:00.000Z`. */
export function formatTime(timeMs: number): string {
  const days = Math.floor(timeMs / MS_A_DAY);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const rest = Math.floor(timeMs - days * MS_A_DAY);
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const clock = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1000) % 60].map(each =>
    pad(Math.floor(each)),
  );
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock.join(':')}.${pad(rest % 1000, 3)}Z`;
}
