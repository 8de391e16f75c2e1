/*
 * JSON with exact int64: a bigint is written as a number, all of its digits. Bytes are in base64.
 */

/** Writes a value as JSON: on one line, or indented by two spaces a level. */
export function toJson(
  value: unknown,
  { isIndented = false }: { readonly isIndented?: boolean } = {},
): string {
  return write(value, isIndented ? '\n' : undefined) ?? 'null';
}

/** Undefined for what JSON has no form of: it is left out. */
function write(value: unknown, newLine: string | undefined): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = newLine === undefined ? undefined : `${newLine}  `;
  if (Array.isArray(value)) {
    return enclose(
      '[',
      value.map(item => write(item, inner) ?? 'null'),
      ']',
      newLine,
    );
  }
  if (value instanceof Map) return write(Object.fromEntries(value), newLine);
  const colon = newLine === undefined ? ':' : ': ';
  const fields: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    const text = write(item, inner);
    if (text !== undefined) fields.push(`${JSON.stringify(key)}${colon}${text}`);
  }
  return enclose('{', fields, '}', newLine);
}

function enclose(open: string, items: readonly string[], close: string, newLine: string | undefined): string {
  if (items.length === 0 || newLine === undefined) return `${open}${items.join(',')}${close}`;
  // Short lists of numbers stay on their line: replicas, partitions.
  const isShort = open === '[' && items.every(item => /^-?[\d.]+$/.test(item));
  if (isShort) return `${open}${items.join(', ')}${close}`;
  const inner = `${newLine}  `;
  return `${open}${inner}${items.join(`,${inner}`)}${newLine}${close}`;
}
