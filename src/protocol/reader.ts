import {
  MAX_ARRAY_ELEMENTS,
  MAX_DECODED_BYTES,
  MAX_STRING_BYTES,
  MAX_TAGGED_FIELDS,
} from '../model/limits.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import { Malformed } from './malformed.ts';

/** Turns 8 bytes into an int64 or float64. One for all readers: making a DataView costs more than decoding a header. */
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** U+FFFD in UTF-8: what a single wrong byte can become. */
const REPLACEMENT_BYTES = 3;

/**
 * Reads Kafka's primitive types from a buffer and never past its end. Whatever the bytes say, memory is bounded by
 * them: a length or a count is held against the bytes that remain before anything is made, and what the elements of
 * arrays take in memory, which may be many times their bytes, against {@link MAX_DECODED_BYTES}.
 */
export class Reader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #position: number;
  /** How much more memory the elements of arrays may take. */
  #memoryLeft = MAX_DECODED_BYTES;

  constructor(buffer: Buffer, position = 0) {
    this.#buffer = buffer;
    this.#end = buffer.length;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) {
      throw new Malformed(`${length} bytes wanted at ${start} where ${this.#end - start} remain`);
    }
    this.#position = start + length;
    return start;
  }

  bool(): boolean {
    return this.#buffer[this.#take(1)] !== 0;
  }

  int8(): number {
    return (this.#buffer[this.#take(1)]! << 24) >> 24;
  }

  int16(): number {
    return (this.uint16() << 16) >> 16;
  }

  uint16(): number {
    const start = this.#take(2);
    return (this.#buffer[start]! << 8) | this.#buffer[start + 1]!;
  }

  int32(): number {
    const start = this.#take(4);
    const buffer = this.#buffer;
    return (
      (buffer[start]! << 24) | (buffer[start + 1]! << 16) | (buffer[start + 2]! << 8) | buffer[start + 3]!
    );
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  int64(): bigint {
    this.#takeScratch();
    return scratch.getBigInt64(0);
  }

  float64(): number {
    this.#takeScratch();
    return scratch.getFloat64(0);
  }

  #takeScratch(): void {
    const start = this.#take(8);
    for (let index = 0; index < 8; index++) scratchBytes[index] = this.#buffer[start + index]!;
  }

  uuid(): string {
    const start = this.#take(16);
    const end = start + 16;
    let position = start;
    while (position < end && this.#buffer[position] === 0) position++;
    return position === end ? ZERO_UUID : this.#buffer.toString('base64url', start, end);
  }

  /** Up to 5 bytes, 7 bits each, least significant first. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#take(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Malformed(`a varint of more than 5 bytes at ${this.#position}`);
  }

  /** A view of the next `length` bytes. */
  slice(length: number): Buffer {
    if (length < 0) throw new Malformed(`a length of ${length} at ${this.#position}`);
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  /**
   * A string of `length` bytes. What is not UTF-8 in it becomes U+FFFD, as in Kafka; a string that this makes longer
   * than {@link MAX_STRING_BYTES} is refused, so that whatever was decoded can be encoded again.
   */
  text(length: number): string {
    if (length === 0) return '';
    if (length < 0 || length > MAX_STRING_BYTES) {
      throw new Malformed(`a string of ${length} bytes at ${this.#position}`);
    }
    const start = this.#take(length);
    const text = this.#buffer.toString('utf8', start, start + length);
    if (length > MAX_STRING_BYTES / REPLACEMENT_BYTES && Buffer.byteLength(text) > MAX_STRING_BYTES) {
      throw new Malformed(`a string of ${length} bytes at ${start} that is not UTF-8`);
    }
    return text;
  }

  string(field: string): string {
    const length = this.int16();
    if (length < 0) throw nullError(field);
    return this.text(length);
  }

  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.text(length);
  }

  compactString(field: string): string {
    const length = this.unsignedVarint();
    if (length === 0) throw nullError(field);
    return this.text(length - 1);
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint();
    return length === 0 ? null : this.text(length - 1);
  }

  bytes(field: string): Buffer {
    const length = this.int32();
    if (length < 0) throw nullError(field);
    return this.slice(length);
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.slice(length);
  }

  compactBytes(field: string): Buffer {
    const length = this.unsignedVarint();
    if (length === 0) throw nullError(field);
    return this.slice(length - 1);
  }

  compactNullableBytes(): Buffer | null {
    const length = this.unsignedVarint();
    return length === 0 ? null : this.slice(length - 1);
  }

  /**
   * Count of an array's elements; -1 for null.
   * @param leastBytes the least that an element takes here
   * @param memoryBytes about what an element takes in memory, without what its own arrays take
   */
  arrayCount(leastBytes: number, memoryBytes: number): number {
    return this.#checkedCount(this.int32(), leastBytes, memoryBytes);
  }

  compactArrayCount(leastBytes: number, memoryBytes: number): number {
    return this.#checkedCount(this.unsignedVarint() - 1, leastBytes, memoryBytes);
  }

  #checkedCount(count: number, leastBytes: number, memoryBytes: number): number {
    if (count <= 0) return count < 0 ? -1 : 0;
    if (count > MAX_ARRAY_ELEMENTS || count * leastBytes > this.remaining) {
      throw new Malformed(
        `an array of ${count} elements at ${this.#position} where ${this.remaining} bytes remain`,
      );
    }
    this.#memoryLeft -= count * memoryBytes;
    if (this.#memoryLeft < 0) {
      throw new Malformed(`arrays that would take more than ${MAX_DECODED_BYTES} bytes of memory`);
    }
    return count;
  }

  taggedFieldCount(): number {
    const count = this.unsignedVarint();
    // Each tagged field takes two bytes at least: its tag and its size.
    if (count > MAX_TAGGED_FIELDS || count * 2 > this.remaining) {
      throw new Malformed(`${count} tagged fields at ${this.#position} where ${this.remaining} bytes remain`);
    }
    return count;
  }

  skip(length: number): void {
    this.#take(length);
  }
}

/** A field that must not be null is null. */
export function nullError(field: string): Malformed {
  return new Malformed(`${field} is null, which this version does not allow`);
}
