import { assert } from '../model/assert.ts';
import { MAX_STRING_BYTES } from '../model/limits.ts';
import { ZERO_UUID } from '../model/uuid.ts';

/** A message in wire form: chunks to be sent one after the other. Record payloads are chunks of their own. */
export interface Encoded {
  readonly chunks: Buffer[];
  readonly sizeBytes: number;
}

/**
 * What the sizing pass finds out and the writing pass uses: the lengths of strings and of tagged fields, in the
 * order in which the writing pass asks for them.
 */
export class Sizes {
  readonly #lengths: number[] = [];
  #next = 0;
  /** Bytes of payloads that pass by reference: part of the message's size, not of the written buffer. */
  payloadBytes = 0;

  push(length: number): number {
    this.#lengths.push(length);
    return length;
  }

  /** Keeps a place for a length that is known only after those that follow it. */
  reserve(): number {
    return this.#lengths.push(0) - 1;
  }

  fill(place: number, length: number): number {
    this.#lengths[place] = length;
    return length;
  }

  next(): number {
    return this.#lengths[this.#next++]!;
  }

  /** Size of a string without its length prefix. @throws {RangeError} above {@link MAX_STRING_BYTES} */
  string(text: string): number {
    const length = Buffer.byteLength(text);
    if (length > MAX_STRING_BYTES) {
      throw new RangeError(
        `Cannot encode a string of ${length} bytes: at most ${MAX_STRING_BYTES} are allowed`,
      );
    }
    return this.push(length);
  }

  compactString(text: string): number {
    const length = this.string(text);
    return length + unsignedVarintSize(length + 1);
  }

  payload(chunks: readonly Buffer[]): number {
    const length = this.push(totalLength(chunks));
    this.payloadBytes += length;
    return length;
  }
}

export function totalLength(chunks: readonly Uint8Array[]): number {
  let total = 0;
  for (const chunk of chunks) total += chunk.byteLength;
  return total;
}

export function unsignedVarintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Turns an int64 or float64 into 8 bytes, as the reader does the other way. */
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

const NOT_BASE64URL = 0x80;
/** The value of each base64url character by its code. */
const BASE64URL_DIGITS = new Uint8Array(128).fill(NOT_BASE64URL);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries()) {
  BASE64URL_DIGITS[character.charCodeAt(0)] = value;
}
const UUID_LENGTH = 22;

/** The value of a base64url character; {@link NOT_BASE64URL} for another one, or none. */
function base64UrlDigit(text: string, index: number): number {
  return BASE64URL_DIGITS[text.charCodeAt(index)] ?? NOT_BASE64URL;
}

/** Strings up to this length that are ASCII are written character by character: faster than a call of the runtime. */
const SHORT_TEXT_LENGTH = 24;

/** Writes Kafka's primitive types into a buffer of exactly the computed size. */
export class Writer {
  readonly #buffer: Buffer;
  readonly #chunks: Buffer[] = [];
  readonly sizes: Sizes;
  #position = 0;
  #chunkStart = 0;

  constructor(sizeBytes: number, sizes: Sizes) {
    this.#buffer = Buffer.allocUnsafe(sizeBytes);
    this.sizes = sizes;
  }

  /** The chunks written; the sizing and the writing pass must have agreed to the byte. */
  finish(): Buffer[] {
    assert(
      this.#position === this.#buffer.length,
      `wrote ${this.#position} bytes where the sizing pass counted ${this.#buffer.length}`,
    );
    if (this.#chunks.length === 0) return [this.#buffer];
    if (this.#position > this.#chunkStart) this.#cutChunk();
    return this.#chunks;
  }

  #cutChunk(): void {
    this.#chunks.push(this.#buffer.subarray(this.#chunkStart, this.#position));
    this.#chunkStart = this.#position;
  }

  bool(value: boolean): void {
    this.#buffer[this.#position++] = value ? 1 : 0;
  }

  int8(value: number): void {
    this.#buffer[this.#position++] = value;
  }

  int16(value: number): void {
    const buffer = this.#buffer;
    buffer[this.#position++] = value >> 8;
    buffer[this.#position++] = value;
  }

  uint16(value: number): void {
    this.int16(value);
  }

  int32(value: number): void {
    const buffer = this.#buffer;
    buffer[this.#position++] = value >> 24;
    buffer[this.#position++] = value >> 16;
    buffer[this.#position++] = value >> 8;
    buffer[this.#position++] = value;
  }

  uint32(value: number): void {
    this.int32(value);
  }

  int64(value: bigint): void {
    scratch.setBigInt64(0, value);
    this.#putScratch();
  }

  float64(value: number): void {
    scratch.setFloat64(0, value);
    this.#putScratch();
  }

  #putScratch(): void {
    for (let index = 0; index < 8; index++) this.#buffer[this.#position++] = scratchBytes[index]!;
  }

  /** 16 bytes from their base64url form. */
  uuid(value: string): void {
    if (value === ZERO_UUID) {
      this.#buffer.fill(0, this.#position, this.#position + 16);
      this.#position += 16;
      return;
    }
    const buffer = this.#buffer;
    let seen = 0;
    for (let index = 0; index < UUID_LENGTH; index += 4) {
      const a = base64UrlDigit(value, index);
      const b = base64UrlDigit(value, index + 1);
      seen |= a | b;
      buffer[this.#position++] = (a << 2) | (b >> 4);
      if (index + 2 === UUID_LENGTH) break;
      const c = base64UrlDigit(value, index + 2);
      const d = base64UrlDigit(value, index + 3);
      seen |= c | d;
      buffer[this.#position++] = (b << 4) | (c >> 2);
      buffer[this.#position++] = (c << 6) | d;
    }
    assert(seen < NOT_BASE64URL && value.length === UUID_LENGTH, `"${value}" is no uuid`);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#position++] = rest;
  }

  #text(value: string, length: number): void {
    const isAscii = length === value.length;
    if (isAscii && length <= SHORT_TEXT_LENGTH) {
      for (let index = 0; index < length; index++) this.#buffer[this.#position++] = value.charCodeAt(index);
    } else {
      this.#buffer.write(value, this.#position, length, isAscii ? 'latin1' : 'utf8');
      this.#position += length;
    }
  }

  string(value: string): void {
    const length = this.sizes.next();
    this.int16(length);
    this.#text(value, length);
  }

  compactString(value: string): void {
    const length = this.sizes.next();
    this.unsignedVarint(length + 1);
    this.#text(value, length);
  }

  /** The bytes alone, without a length. */
  raw(value: Uint8Array): void {
    this.#buffer.set(value, this.#position);
    this.#position += value.byteLength;
  }

  /** The payload's chunks by reference, without a length. */
  payload(chunks: readonly Buffer[]): void {
    if (this.#position > this.#chunkStart) this.#cutChunk();
    for (const chunk of chunks) if (chunk.length > 0) this.#chunks.push(chunk);
  }
}
