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

  /** Size of a string without its length prefix. */
  string(text: string): number {
    return this.push(Buffer.byteLength(text));
  }

  compactString(text: string): number {
    const length = this.push(Buffer.byteLength(text));
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

/** Writes Kafka's primitive types into a buffer of exactly the computed size. */
export class Writer {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #chunks: Buffer[] = [];
  readonly sizes: Sizes;
  #position = 0;
  #chunkStart = 0;

  constructor(sizeBytes: number, sizes: Sizes) {
    this.#buffer = Buffer.allocUnsafe(sizeBytes);
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, sizeBytes);
    this.sizes = sizes;
  }

  /** The chunks written; the sizing and the writing pass must have agreed to the byte. */
  finish(): Buffer[] {
    if (this.#position !== this.#buffer.byteLength) {
      throw new Error(
        `wrote ${this.#position} bytes where the sizing pass counted ${this.#buffer.byteLength}`,
      );
    }
    if (this.#position > this.#chunkStart || this.#chunks.length === 0) {
      this.#chunks.push(this.#buffer.subarray(this.#chunkStart, this.#position));
    }
    return this.#chunks;
  }

  bool(value: boolean): void {
    this.#view.setInt8(this.#position++, value ? 1 : 0);
  }

  int8(value: number): void {
    this.#view.setInt8(this.#position++, value);
  }

  int16(value: number): void {
    this.#view.setInt16(this.#position, value);
    this.#position += 2;
  }

  uint16(value: number): void {
    this.int16(value);
  }

  int32(value: number): void {
    this.#view.setInt32(this.#position, value);
    this.#position += 4;
  }

  uint32(value: number): void {
    this.int32(value);
  }

  int64(value: bigint): void {
    this.#view.setBigInt64(this.#position, value);
    this.#position += 8;
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#position, value);
    this.#position += 8;
  }

  uuid(value: string): void {
    if (value === ZERO_UUID) this.#buffer.fill(0, this.#position, this.#position + 16);
    else this.#buffer.write(value, this.#position, 16, 'base64url');
    this.#position += 16;
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#view.setUint8(this.#position++, (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#view.setUint8(this.#position++, rest);
  }

  #text(value: string, length: number): void {
    if (length === value.length) this.#buffer.write(value, this.#position, length, 'latin1');
    else this.#buffer.write(value, this.#position, length, 'utf8');
    this.#position += length;
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
    if (this.#position > this.#chunkStart) {
      this.#chunks.push(this.#buffer.subarray(this.#chunkStart, this.#position));
      this.#chunkStart = this.#position;
    }
    for (const chunk of chunks) if (chunk.byteLength > 0) this.#chunks.push(chunk);
  }
}
