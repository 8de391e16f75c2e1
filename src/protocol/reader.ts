import { MAX_ARRAY_ELEMENTS, MAX_MESSAGE_ELEMENTS, MAX_TAGGED_FIELDS } from '../model/limits.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import { Malformed } from './malformed.ts';

/**
 * Reads Kafka's primitive types from a buffer and never past its end. Whatever the bytes say, memory is bounded by
 * them: a count of elements is held against the bytes that remain before anything is made.
 */
export class Reader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  #position: number;
  #elementsLeft = MAX_MESSAGE_ELEMENTS;

  constructor(buffer: Buffer, position = 0) {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.#end = buffer.byteLength;
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
    return this.#view.getInt8(this.#take(1)) !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  uuid(): string {
    const start = this.#take(16);
    if (
      this.#view.getInt32(start) === 0 &&
      this.#view.getInt32(start + 4) === 0 &&
      this.#view.getInt32(start + 8) === 0 &&
      this.#view.getInt32(start + 12) === 0
    ) {
      return ZERO_UUID;
    }
    return this.#buffer.toString('base64url', start, start + 16);
  }

  /** Up to 5 bytes, 7 bits each, least significant first. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Malformed(`a varint of more than 5 bytes at ${this.#position}`);
  }

  /** Zigzag-coded, up to 5 bytes. */
  varint(): number {
    const raw = this.unsignedVarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Zigzag-coded, up to 10 bytes. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#view.getUint8(this.#take(1));
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Malformed(`a varlong of more than 10 bytes at ${this.#position}`);
  }

  /** A view of the next `length` bytes. */
  slice(length: number): Buffer {
    if (length < 0) throw new Malformed(`a length of ${length} at ${this.#position}`);
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  text(length: number): string {
    if (length < 0) throw new Malformed(`a length of ${length} at ${this.#position}`);
    const start = this.#take(length);
    return this.#buffer.toString('utf8', start, start + length);
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

  /** Count of an array's elements, each of at least `minElementBytes`; -1 for null. */
  arrayCount(minElementBytes: number): number {
    return this.#checkedCount(this.int32(), minElementBytes);
  }

  compactArrayCount(minElementBytes: number): number {
    return this.#checkedCount(this.unsignedVarint() - 1, minElementBytes);
  }

  #checkedCount(count: number, minElementBytes: number): number {
    if (count <= 0) return count < 0 ? -1 : 0;
    if (count > MAX_ARRAY_ELEMENTS || count * minElementBytes > this.remaining) {
      throw new Malformed(
        `an array of ${count} elements at ${this.#position} where ${this.remaining} bytes remain`,
      );
    }
    this.#elementsLeft -= count;
    if (this.#elementsLeft < 0) {
      throw new Malformed(`more than ${MAX_MESSAGE_ELEMENTS} array elements in one message`);
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
