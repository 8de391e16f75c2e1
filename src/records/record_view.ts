import { asOffset, type Offset } from '../model/ids.ts';
import { Malformed } from '../protocol/malformed.ts';
import type { Record, RecordHeader } from './record.ts';
import { addSequence, type RecordBatch } from './record_batch.ts';

/*
 * The layout of a record (KIP-98), all lengths and counts as zigzag varints:
 *
 *     length · attributes int8, unused · timestampDelta varlong · offsetDelta · key length, key · value length, value ·
 *     header count, each with key length, key, value length, value
 *
 * A negative length of a key or value is null. The record's length must be what its fields take.
 */

/** What the smallest record takes: one byte for each of its seven fields. */
const MIN_RECORD_BYTES = 7;
/** A header takes two lengths at least. */
const MIN_HEADER_BYTES = 2;

const NO_HEADERS: readonly RecordHeader[] = [];

/**
 * Goes through a batch's records one after the other without making an object for each: it is itself the record that
 * it stands on, until {@link advance}. What it gives was checked by then against the record's and the batch's end.
 */
export class RecordView implements Record {
  readonly #batch: RecordBatch;
  readonly #bytes: Buffer;
  readonly #count: number;
  /** Records gone through; the record that the view stands on is the one before. */
  #passed = 0;
  /** Where the next record begins. */
  #position = 0;
  /** The delta where it is an int32, and else undefined with {@link #longTimestampDelta} set. */
  #timestampDelta: number | undefined = 0;
  #longTimestampDelta = 0n;
  #offsetDelta = 0;
  /** Start and end of key and value in the bytes; the start is -1 for null. */
  #keyStart = -1;
  #keyEnd = 0;
  #valueStart = -1;
  #valueEnd = 0;
  #headerCount = 0;
  #headersStart = 0;

  /**
   * @param bytes the records of `batch`, decompressed
   * @throws {Malformed} when the bytes can't hold as many records as the batch declares
   */
  constructor(batch: RecordBatch, bytes: Buffer) {
    this.#batch = batch;
    this.#bytes = bytes;
    this.#count = batch.recordCount;
    if (this.#count < 0) throw new Malformed(`a record count of ${this.#count}`);
    if (this.#count * MIN_RECORD_BYTES > bytes.length) {
      throw new Malformed(`a record count of ${this.#count} in ${bytes.length} bytes of records`);
    }
  }

  /**
   * Goes to the next record; false when there is none.
   * @throws {Malformed} when the bytes are not a record, or bytes are left behind the last one
   */
  advance(): boolean {
    if (this.#passed === this.#count) return false;
    const length = this.#varint(this.#bytes.length);
    const start = this.#position;
    const end = start + length;
    if (length < 0 || end > this.#bytes.length) {
      throw this.#malformed(`a length of ${length} where ${this.#bytes.length - start} bytes remain`);
    }
    this.#read(end);
    this.#passed++;
    if (this.#position !== end) {
      throw this.#malformed(`a length of ${length} where its fields take ${this.#position - start} bytes`);
    }
    if (this.#passed === this.#count && end !== this.#bytes.length) {
      throw this.#malformed(`${this.#bytes.length - end} bytes behind it, the last of the batch`);
    }
    return true;
  }

  #read(end: number): void {
    this.#position++;
    this.#readTimestampDelta(end);
    this.#offsetDelta = this.#varint(end);
    const keyLength = this.#varint(end);
    this.#keyStart = keyLength < 0 ? -1 : this.#position;
    this.#keyEnd = this.#skip(keyLength, end);
    const valueLength = this.#varint(end);
    this.#valueStart = valueLength < 0 ? -1 : this.#position;
    this.#valueEnd = this.#skip(valueLength, end);
    this.#headerCount = this.#varint(end);
    this.#headersStart = this.#position;
    if (this.#headerCount === 0) return;
    if (this.#headerCount < 0 || this.#headerCount * MIN_HEADER_BYTES > end - this.#position) {
      throw this.#malformed(`${this.#headerCount} headers where ${end - this.#position} bytes remain`);
    }
    for (let header = 0; header < this.#headerCount; header++) {
      const nameLength = this.#varint(end);
      if (nameLength < 0) throw this.#malformed(`a header whose key has the length ${nameLength}`);
      this.#skip(nameLength, end);
      this.#skip(this.#varint(end), end);
    }
  }

  /** The position behind `length` bytes; behind none when it is negative. */
  #skip(length: number, end: number): number {
    if (length > end - this.#position) {
      throw this.#malformed(`a field of ${length} bytes where ${end - this.#position} remain`);
    }
    if (length > 0) this.#position += length;
    return this.#position;
  }

  /** An int32; the position goes behind it. */
  #varint(end: number): number {
    const bytes = this.#bytes;
    let at = this.#position;
    let raw = 0;
    let shift = 0;
    let byte: number;
    do {
      if (at >= end) throw this.#malformed('fewer bytes than its fields need');
      byte = bytes[at++]!;
      raw |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 35);
    if (byte >= 0x80) throw this.#malformed('a varint of more than 5 bytes');
    this.#position = at;
    return (raw >>> 1) ^ -(raw & 1);
  }

  #readTimestampDelta(end: number): void {
    const bytes = this.#bytes;
    const start = this.#position;
    const shortEnd = Math.min(end, start + 4);
    let raw = 0;
    for (let at = start, shift = 0; at < shortEnd; shift += 7) {
      const byte = bytes[at++]!;
      raw |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      this.#position = at;
      this.#timestampDelta = (raw >>> 1) ^ -(raw & 1);
      return;
    }
    this.#readLongTimestampDelta(end);
  }

  #readLongTimestampDelta(end: number): void {
    let raw = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#position >= end) throw this.#malformed('fewer bytes than its fields need');
      const byte = this.#bytes[this.#position++]!;
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      const value = BigInt.asUintN(64, raw);
      this.#timestampDelta = undefined;
      this.#longTimestampDelta = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
      return;
    }
    throw this.#malformed('a varlong of more than 10 bytes');
  }

  #malformed(what: string): Malformed {
    return new Malformed(`record ${this.#passed} of ${this.#count} has ${what}`);
  }

  /** The record's place in the batch, from 0. */
  get index(): number {
    return this.#passed - 1;
  }

  get offsetDelta(): number {
    return this.#offsetDelta;
  }

  get offset(): Offset {
    return asOffset(this.#batch.baseOffset + BigInt(this.#offsetDelta));
  }

  get timestamp(): bigint {
    return this.#batch.isLogAppendTime ? this.#batch.maxTimestamp : this.createTimestamp;
  }

  /** The producer's timestamp, also where {@link timestamp} is the append time. */
  get createTimestamp(): bigint {
    return BigInt.asIntN(64, this.#batch.baseTimestamp + BigInt(this.timestampDelta));
  }

  /** How much later than the batch's base timestamp: a number where it is an int32. */
  get timestampDelta(): number | bigint {
    return this.#timestampDelta ?? this.#longTimestampDelta;
  }

  get sequence(): number {
    const base = this.#batch.baseSequence;
    return base < 0 ? -1 : addSequence(base, this.#offsetDelta);
  }

  get hasKey(): boolean {
    return this.#keyStart >= 0;
  }

  get key(): Buffer | null {
    return this.#keyStart < 0 ? null : this.#bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  get value(): Buffer | null {
    return this.#valueStart < 0 ? null : this.#bytes.subarray(this.#valueStart, this.#valueEnd);
  }

  get headers(): readonly RecordHeader[] {
    if (this.#headerCount === 0) return NO_HEADERS;
    const headers: RecordHeader[] = [];
    const next = this.#position;
    this.#position = this.#headersStart;
    for (let header = 0; header < this.#headerCount; header++) {
      const keyLength = this.#varint(next);
      const keyStart = this.#position;
      const key = this.#bytes.toString('utf8', keyStart, this.#skip(keyLength, next));
      const valueLength = this.#varint(next);
      const valueStart = this.#position;
      const valueEnd = this.#skip(valueLength, next);
      headers.push({ key, value: valueLength < 0 ? null : this.#bytes.subarray(valueStart, valueEnd) });
    }
    this.#position = next;
    return headers;
  }

  /** The record as an object of its own, which stays as it is when the view goes on. */
  toRecord(): Record {
    const { offset, timestamp, sequence, key, value, headers } = this;
    return { offset, timestamp, sequence, key, value, headers };
  }
}
