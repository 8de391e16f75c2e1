import { Malformed } from '../../../protocol/malformed.ts';

/** The place of the highest bit that is set: 0 for 1. For 1 to 2^31 - 1. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/**
 * Reads a bitstream of zstd, which begins at its end: below the highest bit set of the last byte. Reading goes towards
 * the first byte, and must have taken every bit when it is done.
 */
export class BackwardBits {
  readonly #bytes: Buffer;
  /** Bits that are left to read. */
  #left: number;

  /** @throws {Malformed} when the end is not marked */
  constructor(bytes: Buffer) {
    const last = bytes[bytes.length - 1] ?? 0;
    if (last === 0) throw new Malformed('a zstd bitstream has no end');
    this.#bytes = bytes;
    this.#left = (bytes.length - 1) * 8 + highestBit(last);
  }

  get left(): number {
    return this.#left;
  }

  /**
   * The next `count` bits, 0 to 24.
   * @throws {Malformed} when there are fewer
   */
  read(count: number): number {
    const position = this.#left - count;
    if (position < 0) throw new Malformed('a zstd bitstream ends early');
    this.#left = position;
    const at = position >>> 3;
    const bytes = this.#bytes;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return (word >>> (position & 7)) & ((1 << count) - 1);
  }

  /** The next `count` bits, 0 to 32. */
  readLong(count: number): number {
    if (count <= 16) return this.read(count);
    const high = this.read(count - 16);
    return high * 0x10000 + this.read(16);
  }
}

/** Writes bits from the lowest of the first byte on. What is written last is what {@link BackwardBits} reads first. */
export class BitWriter {
  readonly #bytes: Buffer;
  #position: number;
  /** Bits that make no byte yet: fewer than 8 between calls. */
  #pending = 0;
  #pendingCount = 0;

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Adds the lowest `count` bits of `value`, 0 to 24 of them. */
  add(value: number, count: number): void {
    this.#pending |= (value & ((1 << count) - 1)) << this.#pendingCount;
    this.#pendingCount += count;
    while (this.#pendingCount >= 8) {
      this.#bytes[this.#position++] = this.#pending & 0xff;
      this.#pending >>>= 8;
      this.#pendingCount -= 8;
    }
  }

  /** Adds 0 to 31 bits. */
  addLong(value: number, count: number): void {
    if (count <= 16) {
      this.add(value, count);
      return;
    }
    this.add(value & 0xffff, 16);
    this.add(value >>> 16, count - 16);
  }

  /** Writes the last bits, filled up with zeros; returns the position behind them. */
  finish(): number {
    if (this.#pendingCount > 0) this.#bytes[this.#position++] = this.#pending;
    this.#pendingCount = 0;
    return this.#position;
  }

  /** Marks the end for {@link BackwardBits}, and finishes. */
  finishMarked(): number {
    this.add(1, 1);
    return this.finish();
  }
}
