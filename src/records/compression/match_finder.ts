/*
 * What the portable compressors share: finding bytes that were there before, by a hash of four of them.
 */

const HASH_BITS = 14;

/** Positions of the last occurrence of each hash. */
export function makeHashTable(): Int32Array {
  return new Int32Array(1 << HASH_BITS);
}

/** The place of the four bytes at `at` in a hash table. */
export function hash4(input: Buffer, at: number): number {
  const word = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
  return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
}

export function isSame4(input: Buffer, one: number, two: number): boolean {
  return (
    input[one] === input[two] &&
    input[one + 1] === input[two + 1] &&
    input[one + 2] === input[two + 2] &&
    input[one + 3] === input[two + 3]
  );
}

/** How many bytes from `two` on, and before `end`, are those from `one` on; the first four are known to be. */
export function matchLength(input: Buffer, one: number, two: number, end: number): number {
  let at = two + 4;
  for (let from = one + 4; at < end && input[from] === input[at]; from++) at++;
  return at - two;
}
