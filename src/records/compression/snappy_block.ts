import { Malformed } from '../../protocol/malformed.ts';
import { BoundedOutput, TooMuchOutput } from './bounded_output.ts';
import { copyBytes } from './copy_bytes.ts';
import { hash4, isSame4, makeHashTable, matchLength } from './match_finder.ts';

/*
 * The Snappy block format in JavaScript, for where the native module can't load. A block is the length of what it
 * decompresses to (an unsigned varint), then elements: literals, and copies of bytes written before.
 */

/** A copy of three bytes gives 64: no block grows more than this. */
const MAX_GROWTH = 22;
/** A match is not farther back than two bytes can say. */
const MAX_OFFSET = 65535;
/** No match is looked for in the last bytes. */
const TAIL_BYTES = 15;
/** Bytes that are skipped after so many without a match, in powers of two. */
const SKIP_SHIFT = 5;

/** A block's length as it says, and where its elements begin. */
function readLength(block: Buffer): { readonly start: number; readonly length: number } {
  let length = 0;
  for (let at = 0, scale = 1; at < 5; at++, scale *= 128) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return { start: at + 1, length };
  }
  throw new Malformed('a snappy block has no length');
}

/**
 * How many bytes a block says that it decompresses to.
 * @throws {Malformed} when so many can't be in it
 */
export function snappyLength(block: Buffer): number {
  const { start, length } = readLength(block);
  if (length > (block.length - start) * MAX_GROWTH) {
    throw new Malformed(`a snappy block of ${block.length} bytes says that it holds ${length}`);
  }
  return length;
}

/**
 * Decompresses a block.
 * @throws {Malformed}
 */
export function decodeSnappyBlock(block: Buffer): Buffer {
  const length = snappyLength(block);
  const output = new BoundedOutput(length, length);
  try {
    decodeElements(block, output);
  } catch (error) {
    throw error instanceof TooMuchOutput ? wrongLength(`more than ${length}`, length) : error;
  }
  if (output.length !== length) throw wrongLength(`${output.length}`, length);
  return output.finish();
}

function wrongLength(found: string, length: number): Malformed {
  return new Malformed(`a snappy block holds ${found} bytes, not the ${length} that it says`);
}

function decodeElements(block: Buffer, output: BoundedOutput): void {
  let at = readLength(block).start;
  while (at < block.length) {
    const tag = block[at++]!;
    let count = (tag >>> 2) + 1;
    switch (tag & 3) {
      case 0: {
        if (count > 60) {
          const lengthBytes = count - 60;
          if (at + lengthBytes > block.length) throw new Malformed('a snappy block ends within a length');
          count = block.readUIntLE(at, lengthBytes) + 1;
          at += lengthBytes;
        }
        if (count > block.length - at) {
          throw new Malformed(`a snappy block ends within a literal of ${count} bytes`);
        }
        output.append(block, at, count);
        at += count;
        break;
      }
      case 1:
        if (at >= block.length) throw new Malformed('a snappy block ends within a copy');
        output.repeat(((tag & 0xe0) << 3) | block[at]!, ((tag >>> 2) & 7) + 4);
        at += 1;
        break;
      case 2:
        if (at + 2 > block.length) throw new Malformed('a snappy block ends within a copy');
        output.repeat(block[at]! | (block[at + 1]! << 8), count);
        at += 2;
        break;
      default:
        if (at + 4 > block.length) throw new Malformed('a snappy block ends within a copy');
        output.repeat(block.readUInt32LE(at), count);
        at += 4;
    }
  }
}

/** Compresses bytes into one block. */
export function encodeSnappyBlock(input: Buffer): Buffer {
  const writer = new BlockWriter(input);
  const table = makeHashTable();
  let literalStart = 0;
  let at = 1;
  const limit = input.length - TAIL_BYTES;
  // The longer nothing repeats, the wider the steps: what can't be compressed is passed over quickly.
  let misses = 1 << SKIP_SHIFT;
  while (at < limit) {
    const hash = hash4(input, at);
    const candidate = table[hash]!;
    table[hash] = at;
    if (at - candidate > MAX_OFFSET || !isSame4(input, candidate, at)) {
      at += misses++ >>> SKIP_SHIFT;
      continue;
    }
    misses = 1 << SKIP_SHIFT;
    writer.literal(literalStart, at);
    const length = matchLength(input, candidate, at, input.length);
    writer.copies(at - candidate, length);
    at += length;
    literalStart = at;
    if (at < limit) table[hash4(input, at - 1)] = at - 1;
  }
  writer.literal(literalStart, input.length);
  return writer.finish();
}

/** Writes the elements of a block. */
class BlockWriter {
  readonly #input: Buffer;
  readonly #output: Buffer;
  #position = 0;

  constructor(input: Buffer) {
    this.#input = input;
    // The format's own bound: what can't be compressed grows by an element's head for each 60 bytes at most.
    this.#output = Buffer.allocUnsafe(32 + input.length + Math.ceil(input.length / 6));
    let rest = input.length;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#output[this.#position++] = byte;
  }

  literal(from: number, end: number): void {
    const count = end - from;
    if (count === 0) return;
    if (count <= 60) {
      this.#byte((count - 1) << 2);
    } else {
      const lengthBytes = count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4;
      this.#byte((59 + lengthBytes) << 2);
      this.#output.writeUIntLE(count - 1, this.#position, lengthBytes);
      this.#position += lengthBytes;
    }
    copyBytes(this.#input, { from, count }, this.#output, this.#position);
    this.#position += count;
  }

  /** A match of `length` bytes, 4 or more, as copies of up to 64. */
  copies(offset: number, length: number): void {
    let rest = length;
    // The last copy must have at least 4 bytes left to it, for the short form.
    for (; rest >= 68; rest -= 64) this.#copy(offset, 64);
    if (rest > 64) {
      this.#copy(offset, 60);
      rest -= 60;
    }
    this.#copy(offset, rest);
  }

  #copy(offset: number, length: number): void {
    if (length < 12 && offset < 2048) {
      this.#byte(1 | ((length - 4) << 2) | ((offset >>> 8) << 5));
      this.#byte(offset & 0xff);
      return;
    }
    this.#byte(2 | ((length - 1) << 2));
    this.#byte(offset & 0xff);
    this.#byte(offset >>> 8);
  }

  finish(): Buffer {
    return this.#output.subarray(0, this.#position);
  }
}
