import { asOffset, type Offset } from '../model/ids.ts';
import { EntryBuffer } from './entry_buffer.ts';

/*
 * `.timeindex`: entries of 12 bytes: int64 timestamp, int32 offset relative to the segment's base offset. An entry
 * (t, o) says that t is the largest timestamp up to o, and that the batch that ends at o is the first that has it.
 * Timestamps rise strictly, offsets do not fall. Kafka leaves room behind the entries, filled with zeros.
 */

export const TIME_INDEX_ENTRY_BYTES = 12;
/** The timestamp of records that have none. */
export const NO_TIMESTAMP = -1n;

export interface TimestampOffset {
  readonly timestamp: bigint;
  readonly offset: Offset;
}

export class TimeIndex {
  readonly baseOffset: Offset;
  readonly #entries: EntryBuffer;

  constructor(baseOffset: Offset, entries = new EntryBuffer(TIME_INDEX_ENTRY_BYTES)) {
    this.baseOffset = baseOffset;
    this.#entries = entries;
  }

  /**
   * Takes the content of a time index file over, without the zeros behind its entries.
   * @param nextOffset the offset behind the segment, below which every entry's must be
   * @returns what is wrong with it when it is corrupt
   */
  static parse(baseOffset: Offset, content: Buffer, nextOffset: Offset): TimeIndex | string {
    if (content.length % TIME_INDEX_ENTRY_BYTES !== 0) {
      return `its size of ${content.length} bytes is no multiple of ${TIME_INDEX_ENTRY_BYTES}`;
    }
    let timestamp = NO_TIMESTAMP;
    let relative = 0;
    let at = 0;
    for (; at < content.length; at += TIME_INDEX_ENTRY_BYTES) {
      const nextTimestamp = content.readBigInt64BE(at);
      const nextRelative = content.readInt32BE(at + 8);
      if (nextTimestamp === 0n && nextRelative === 0 && isZero(content, at)) break;
      if (
        nextTimestamp <= timestamp ||
        nextRelative < relative ||
        baseOffset + BigInt(nextRelative) >= nextOffset
      ) {
        return `entry ${at / TIME_INDEX_ENTRY_BYTES} (${nextTimestamp} at ${nextRelative}) does not follow (${timestamp} at ${relative}) in a segment of the offsets ${baseOffset} to ${nextOffset}`;
      }
      timestamp = nextTimestamp;
      relative = nextRelative;
    }
    return new TimeIndex(baseOffset, EntryBuffer.over(TIME_INDEX_ENTRY_BYTES, content.subarray(0, at)));
  }

  get count(): number {
    return this.#entries.count;
  }

  get memoryBytes(): number {
    return this.#entries.capacityBytes;
  }

  /** The last entry: the largest timestamp and where it is; none at the base offset without entries. */
  get last(): TimestampOffset {
    if (this.count === 0) return { timestamp: NO_TIMESTAMP, offset: this.baseOffset };
    return this.#entry(this.count - 1);
  }

  #entry(entry: number): TimestampOffset {
    const at = entry * TIME_INDEX_ENTRY_BYTES;
    return {
      timestamp: this.#entries.bytes.readBigInt64BE(at),
      offset: asOffset(this.baseOffset + BigInt(this.#entries.bytes.readInt32BE(at + 8))),
    };
  }

  /** The offset from which to search for a record of `timestamp` or later: all before are earlier. */
  lookup(timestamp: bigint): Offset {
    const bytes = this.#entries.bytes;
    const entry = this.#entries.floor(
      each => bytes.readBigInt64BE(each * TIME_INDEX_ENTRY_BYTES) < timestamp,
    );
    return entry < 0 ? this.baseOffset : this.#entry(entry).offset;
  }

  /** Adds an entry if its timestamp is above the last one's. */
  append({ timestamp, offset }: TimestampOffset): void {
    if (timestamp <= this.last.timestamp) return;
    const { bytes, at } = this.#entries.extend();
    bytes.writeBigInt64BE(timestamp, at);
    bytes.writeInt32BE(Number(offset - this.baseOffset), at + 8);
  }

  /** Drops the entries whose offset is `offset` or above. */
  truncateTo(offset: Offset): void {
    const relative = Number(offset - this.baseOffset);
    const bytes = this.#entries.bytes;
    const entry = this.#entries.floor(
      each => bytes.readInt32BE(each * TIME_INDEX_ENTRY_BYTES + 8) < relative,
    );
    this.#entries.truncate(entry + 1);
  }

  /** The content of the file from the entry `from` on. */
  content(from = 0): Buffer {
    return this.#entries.content(from);
  }
}

/** Whether there is nothing but zeros from `position` on; looked at for the one entry that could be either. */
function isZero(content: Buffer, position: number): boolean {
  return content.subarray(position).every(byte => byte === 0);
}
