import { assert } from '../model/assert.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { EntryBuffer } from './entry_buffer.ts';

/*
 * `.index`: where in the segment's file to look for an offset. Entries of 8 bytes: int32 offset relative to the
 * segment's base offset, int32 position in the file. An entry names the last offset of the batch that starts at the
 * position; both rise strictly. Kafka leaves room behind the entries, filled with zeros.
 */

export const OFFSET_INDEX_ENTRY_BYTES = 8;
/** The largest relative offset that an index can hold. */
export const MAX_RELATIVE_OFFSET = 0x7fffffff;

export class OffsetIndex {
  readonly baseOffset: Offset;
  readonly #entries: EntryBuffer;

  constructor(baseOffset: Offset, entries = new EntryBuffer(OFFSET_INDEX_ENTRY_BYTES)) {
    this.baseOffset = baseOffset;
    this.#entries = entries;
  }

  /**
   * Takes the content of an index file over, without the zeros behind its entries.
   * @param logSizeBytes the size of the segment's log file, in which every position must lie
   * @returns what is wrong with it when it is corrupt
   */
  static parse(baseOffset: Offset, content: Buffer, logSizeBytes: number): OffsetIndex | string {
    if (content.length % OFFSET_INDEX_ENTRY_BYTES !== 0) {
      return `its size of ${content.length} bytes is no multiple of ${OFFSET_INDEX_ENTRY_BYTES}`;
    }
    let relative = -1;
    let position = 0;
    let at = 0;
    for (; at < content.length; at += OFFSET_INDEX_ENTRY_BYTES) {
      const nextRelative = content.readInt32BE(at);
      const nextPosition = content.readInt32BE(at + 4);
      // No entry points to the segment's first batch, so zeros are the unused rest.
      if (nextRelative === 0 && nextPosition === 0) break;
      if (nextRelative <= relative || nextPosition <= position || nextPosition >= logSizeBytes) {
        return `entry ${at / OFFSET_INDEX_ENTRY_BYTES} (${nextRelative} at ${nextPosition}) does not follow (${relative} at ${position}) in a log file of ${logSizeBytes} bytes`;
      }
      relative = nextRelative;
      position = nextPosition;
    }
    return new OffsetIndex(baseOffset, EntryBuffer.over(OFFSET_INDEX_ENTRY_BYTES, content.subarray(0, at)));
  }

  get count(): number {
    return this.#entries.count;
  }

  /** The bytes that the entries take in memory. */
  get memoryBytes(): number {
    return this.#entries.capacityBytes;
  }

  /** The last entry's offset; the base offset without entries. */
  get lastOffset(): Offset {
    return this.count === 0 ? this.baseOffset : this.#offset(this.count - 1);
  }

  /** The last entry's position; 0 without entries. */
  get lastPosition(): number {
    return this.count === 0 ? 0 : this.#position(this.count - 1);
  }

  #offset(entry: number): Offset {
    return asOffset(
      this.baseOffset + BigInt(this.#entries.bytes.readInt32BE(entry * OFFSET_INDEX_ENTRY_BYTES)),
    );
  }

  #position(entry: number): number {
    return this.#entries.bytes.readInt32BE(entry * OFFSET_INDEX_ENTRY_BYTES + 4);
  }

  /** The position from which to search for `offset`: no batch that contains it or a later one starts before. */
  lookup(offset: Offset): number {
    const entry = this.#floor(offset);
    return entry < 0 ? 0 : this.#position(entry);
  }

  /** The last entry whose offset is not above `offset`; -1 when there is none. */
  #floor(offset: Offset): number {
    if (offset < this.baseOffset) return -1;
    const relative = Number(offset - this.baseOffset);
    return this.#entries.floor(
      entry => this.#entries.bytes.readInt32BE(entry * OFFSET_INDEX_ENTRY_BYTES) <= relative,
    );
  }

  /** Adds an entry; `offset` and `position` must be above those of the last one. */
  append(offset: Offset, position: number): void {
    const relative = Number(offset - this.baseOffset);
    assert(relative >= 0 && relative <= MAX_RELATIVE_OFFSET, `offset ${offset} is none of the segment's`);
    assert(
      this.count === 0 || offset > this.lastOffset,
      `offset ${offset} is indexed after ${this.lastOffset}`,
    );
    const { bytes, at } = this.#entries.extend();
    bytes.writeInt32BE(relative, at);
    bytes.writeInt32BE(position, at + 4);
  }

  /** Drops the entries whose offset is `offset` or above. */
  truncateTo(offset: Offset): void {
    this.#entries.truncate(this.#floor(asOffset(offset - 1n)) + 1);
  }

  /** The content of the file from the entry `from` on. */
  content(from = 0): Buffer {
    return this.#entries.content(from);
  }
}
