/*
 * The variable-length integers of a record: zigzag-coded, 7 bits a byte, least significant first. Reading is in
 * record_view.ts, where it must be fast and bounded; this is the writing side.
 */

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** Bytes that {@link writeVarint} takes for an int32. */
export function varintSize(value: number): number {
  return Math.floor((38 - Math.clz32(zigzag(value) | 1)) / 7);
}

/** Writes an int32; returns the position behind it. */
export function writeVarint(buffer: Buffer, position: number, value: number): number {
  let rest = zigzag(value);
  let at = position;
  while (rest >= 0x80) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function isInt32(value: bigint): boolean {
  return value >= -0x80000000n && value <= 0x7fffffffn;
}

function zigzagLong(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

/** Bytes that {@link writeVarlong} takes for an int64. */
export function varlongSize(value: bigint): number {
  if (isInt32(value)) return varintSize(Number(value));
  let size = 1;
  for (let rest = zigzagLong(value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

/** Writes an int64; returns the position behind it. */
export function writeVarlong(buffer: Buffer, position: number, value: bigint): number {
  if (isInt32(value)) return writeVarint(buffer, position, Number(value));
  let rest = zigzagLong(value);
  let at = position;
  for (; rest >= 0x80n; rest >>= 7n) buffer[at++] = Number(rest & 0x7fn) | 0x80;
  buffer[at++] = Number(rest);
  return at;
}
