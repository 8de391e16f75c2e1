import { Malformed } from '../../protocol/malformed.ts';
import type { BoundedOutput } from './bounded_output.ts';
import { copyBytes } from './copy_bytes.ts';
import { hash4, isSame4, makeHashTable, matchLength } from './match_finder.ts';

/*
 * The LZ4 block format in JavaScript. A block is sequences, each some literals and then a match: bytes written at most
 * 65535 before. The last sequence has literals alone.
 */

const MIN_MATCH = 4;
/** The format's rules for a block's end: its last 5 bytes are literals, its last match begins 12 before the end. */
const LAST_LITERALS = 5;
const LAST_MATCH_BYTES = 12;
const MAX_OFFSET = 65535;
/** A length of 15 in the token goes on in bytes of their own. */
const LONG_LENGTH = 15;
/** Bytes that are skipped after so many without a match, in powers of two. */
const SKIP_SHIFT = 6;

/**
 * Decompresses a block to the end of `output`. Matches reach back into what `output` holds already: of earlier blocks.
 * @throws {Malformed}
 * @throws {TooMuchOutput}
 */
export function decodeLz4Block(block: Buffer, output: BoundedOutput): void {
  const end = block.length;
  let at = 0;
  for (;;) {
    if (at >= end) throw new Malformed('an LZ4 block ends without its last literals');
    const token = block[at++]!;
    let count = token >>> 4;
    if (count === LONG_LENGTH) {
      let byte: number;
      do {
        if (at >= end) throw new Malformed('an LZ4 block ends within a length');
        byte = block[at++]!;
        count += byte;
      } while (byte === 0xff);
    }
    if (count > end - at) throw new Malformed(`an LZ4 block ends within a literal of ${count} bytes`);
    output.append(block, at, count);
    at += count;
    if (at === end) return;
    if (at + 2 > end) throw new Malformed('an LZ4 block ends within a match');
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    count = token & LONG_LENGTH;
    if (count === LONG_LENGTH) {
      let byte: number;
      do {
        if (at >= end) throw new Malformed('an LZ4 block ends within a length');
        byte = block[at++]!;
        count += byte;
      } while (byte === 0xff);
    }
    output.repeat(offset, count + MIN_MATCH);
  }
}

/** Compresses bytes into one block. */
export function encodeLz4Block(input: Buffer): Buffer {
  const writer = new BlockWriter(input);
  const table = makeHashTable();
  let literalStart = 0;
  let at = 1;
  const matchLimit = input.length - LAST_MATCH_BYTES;
  let misses = 1 << SKIP_SHIFT;
  while (at < matchLimit) {
    const hash = hash4(input, at);
    let candidate = table[hash]!;
    table[hash] = at;
    if (at - candidate > MAX_OFFSET || !isSame4(input, candidate, at)) {
      at += misses++ >>> SKIP_SHIFT;
      continue;
    }
    misses = 1 << SKIP_SHIFT;
    const matchEnd = at + matchLength(input, candidate, at, input.length - LAST_LITERALS);
    while (at > literalStart && candidate > 0 && input[at - 1] === input[candidate - 1]) {
      at--;
      candidate--;
    }
    writer.sequence(literalStart, at, { offset: at - candidate, length: matchEnd - at });
    at = matchEnd;
    literalStart = at;
    if (at < matchLimit) table[hash4(input, at - 2)] = at - 2;
  }
  writer.sequence(literalStart, input.length, undefined);
  return writer.finish();
}

/** Writes the sequences of a block. */
class BlockWriter {
  readonly #input: Buffer;
  readonly #output: Buffer;
  #position = 0;

  constructor(input: Buffer) {
    this.#input = input;
    // The format's own bound: of literals alone, a byte of length for each 255.
    this.#output = Buffer.allocUnsafe(input.length + Math.ceil(input.length / 255) + 16);
  }

  sequence(
    from: number,
    end: number,
    match: { readonly offset: number; readonly length: number } | undefined,
  ): void {
    const literals = end - from;
    const matchCode = match === undefined ? 0 : match.length - MIN_MATCH;
    this.#output[this.#position++] =
      (Math.min(literals, LONG_LENGTH) << 4) | Math.min(matchCode, LONG_LENGTH);
    if (literals >= LONG_LENGTH) this.#longLength(literals - LONG_LENGTH);
    copyBytes(this.#input, { from, count: literals }, this.#output, this.#position);
    this.#position += literals;
    if (match === undefined) return;
    this.#position = this.#output.writeUInt16LE(match.offset, this.#position);
    if (matchCode >= LONG_LENGTH) this.#longLength(matchCode - LONG_LENGTH);
  }

  #longLength(length: number): void {
    let rest = length;
    for (; rest >= 0xff; rest -= 0xff) this.#output[this.#position++] = 0xff;
    this.#output[this.#position++] = rest;
  }

  finish(): Buffer {
    return this.#output.subarray(0, this.#position);
  }
}
