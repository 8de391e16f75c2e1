const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `1.2 MiB`; an int64 in digits may be given. */
export function formatBytes(bytes: number | string | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–';
  let amount = Number(bytes);
  let unit = 0;
  while (Math.abs(amount) >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount * 10) / 10 : rounded(amount)} ${UNITS[unit]}`;
}

export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–';
  return `${formatCount(perSecond)}/s`;
}

export function formatByteRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–';
  return `${formatBytes(perSecond)}/s`;
}

/** `1,234`, and `1.2 M` from a million on. */
export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined) return '–';
  if (Math.abs(count) >= 1e9) return `${rounded(count / 1e9)} G`;
  if (Math.abs(count) >= 1e6) return `${rounded(count / 1e6)} M`;
  if (Math.abs(count) >= 100 || Number.isInteger(count)) return groupDigits(String(Math.round(count)));
  return String(rounded(count));
}

/** An int64 in digits with commas between thousands, every digit kept. */
export function groupDigits(digits: string | null | undefined): string {
  if (digits === null || digits === undefined) return '–';
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function rounded(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits));
}

/** `1 partition`, `2 partitions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
