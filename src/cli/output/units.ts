const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes for people: `1.5 GiB`. */
export function formatSize(bytes: number | bigint): string {
  let amount = Number(bytes);
  if (amount < 0) return '-';
  let unit = 0;
  while (amount >= 1024 && unit < SIZE_UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${SIZE_UNITS[unit]}`;
}

/** A time for people and programs alike: ISO 8601 in UTC; `-` for none. */
export function formatTime(timestampMs: bigint | number): string {
  const ms = Number(timestampMs);
  if (ms < 0 || !Number.isFinite(ms) || ms > 8.64e15) return '-';
  return new Date(ms).toISOString();
}

/** A whole number with its thousands set apart: `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}
