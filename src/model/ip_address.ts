/* Addresses of the internet protocol, as text and as the bytes that messages carry. */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;

/** The bytes of an address, 4 or 16; undefined for text that is none. An IPv4 address in IPv6 clothes gives 4. */
export function addressBytes(text: string): Buffer | undefined {
  const v4 = IPV4.exec(MAPPED.exec(text)?.[1] ?? text);
  if (v4 !== null) {
    const parts = v4.slice(1).map(Number);
    return parts.every(part => part <= 255) ? Buffer.from(parts) : undefined;
  }
  // A zone (fe80::1%eth0) is of this machine alone.
  return v6Bytes(text.split('%', 1)[0]!);
}

function v6Bytes(text: string): Buffer | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':')));
  if (head === undefined) return undefined;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...(tail ?? [])];
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = Buffer.alloc(2 * GROUPS);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return bytes;
}

/** An address as text; undefined when the bytes are neither 4 nor 16. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 2 * GROUPS) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: GROUPS }, (_, index) => view.readUInt16BE(2 * index).toString(16)).join(':');
}
