import { assert } from '../model/assert.ts';

/*
 * Integers of a batch's header. They are read for every batch that a log is searched through; Buffer's own methods look
 * at the types of their arguments each time, and put a 64-bit number together out of three.
 */

/** The high half of a 64-bit integer that a double holds exactly is within ± this. */
const EXACT_HIGH = 2 ** 20;

/** The int32 at `position`, which must be there whole. */
export function int32At(buffer: Buffer, position: number): number {
  if (position < 0 || position + 4 > buffer.length)
    assert(false, `no int32 at ${position} of ${buffer.length} bytes`);
  return (
    (buffer[position]! << 24) |
    (buffer[position + 1]! << 16) |
    (buffer[position + 2]! << 8) |
    buffer[position + 3]!
  );
}

/** The int64 at `position`, which must be there whole. */
export function int64At(buffer: Buffer, position: number): bigint {
  const high = int32At(buffer, position);
  const low = int32At(buffer, position + 4) >>> 0;
  if (high >= -EXACT_HIGH && high < EXACT_HIGH) return BigInt(high * 2 ** 32 + low);
  return (BigInt(high) << 32n) | BigInt(low);
}
