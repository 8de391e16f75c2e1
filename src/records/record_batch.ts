import {
  asLeaderEpoch,
  asOffset,
  asProducerEpoch,
  asProducerId,
  type LeaderEpoch,
  type Offset,
  type ProducerEpoch,
  type ProducerId,
} from '../model/ids.ts';
import { crc32c } from './crc32c.ts';
import { int32At, int64At } from './header_fields.ts';

/*
 * The layout of a record batch, magic 2 (KIP-98). The checksum covers everything from the attributes on, so the base
 * offset and the leader epoch can be set in place by the leader without touching it.
 *
 *     0 baseOffset int64 · 8 batchLength int32 (of what follows it) · 12 partitionLeaderEpoch int32 · 16 magic int8
 *     17 crc uint32 · 21 attributes int16 · 23 lastOffsetDelta int32 · 27 baseTimestamp int64 · 35 maxTimestamp int64
 *     43 producerId int64 · 51 producerEpoch int16 · 53 baseSequence int32 · 57 recordCount int32 · 61 records
 */

/** Bytes before the length's end: what must be there to know how long a batch is. */
export const LOG_OVERHEAD_BYTES = 12;
/** Bytes of a batch without records. */
export const BATCH_OVERHEAD_BYTES = 61;
export const MAGIC_POSITION = 16;
export const CURRENT_MAGIC = 2;

/** Where the checksum's cover begins. */
export const CRC_START = 21;
export const COMPRESSION_MASK = 0x07;
export const TIMESTAMP_TYPE_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;

/** The codec of a batch's records, by its number in the attributes. */
export const CompressionType = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
/** The largest of {@link CompressionType}'s numbers. */
export const LAST_COMPRESSION_TYPE = CompressionType.zstd;
export type CompressionType = (typeof CompressionType)[keyof typeof CompressionType];

/** A view of one record batch: reads and sets the header's fields in the buffer itself. */
export class RecordBatch {
  /** Exactly the batch. */
  readonly buffer: Buffer;

  /** @param buffer exactly one batch, of {@link BATCH_OVERHEAD_BYTES} or more */
  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get sizeBytes(): number {
    return this.buffer.length;
  }

  get baseOffset(): Offset {
    return asOffset(int64At(this.buffer, 0));
  }

  set baseOffset(offset: Offset) {
    this.buffer.writeBigInt64BE(offset, 0);
  }

  get partitionLeaderEpoch(): LeaderEpoch {
    return asLeaderEpoch(int32At(this.buffer, 12));
  }

  set partitionLeaderEpoch(epoch: LeaderEpoch) {
    this.buffer.writeInt32BE(epoch, 12);
  }

  get magic(): number {
    return this.buffer.readInt8(MAGIC_POSITION);
  }

  get crc(): number {
    return this.buffer.readUInt32BE(17);
  }

  get attributes(): number {
    return this.buffer.readInt16BE(CRC_START);
  }

  /** A number that may be none of {@link CompressionType}'s in bytes from outside. */
  get compression(): CompressionType {
    return (this.attributes & COMPRESSION_MASK) as CompressionType;
  }

  /** Whether the records' timestamps are the time of the append ({@link maxTimestamp}), not the producer's. */
  get isLogAppendTime(): boolean {
    return (this.attributes & TIMESTAMP_TYPE_FLAG) !== 0;
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL_FLAG) !== 0;
  }

  /** Whether the records are control records: markers that consumers never see. */
  get isControl(): boolean {
    return (this.attributes & CONTROL_FLAG) !== 0;
  }

  /** Whether {@link baseTimestamp} holds the time from which compaction may drop the tombstones. */
  get hasDeleteHorizon(): boolean {
    return (this.attributes & DELETE_HORIZON_FLAG) !== 0;
  }

  get lastOffsetDelta(): number {
    return int32At(this.buffer, 23);
  }

  get lastOffset(): Offset {
    return asOffset(this.baseOffset + BigInt(this.lastOffsetDelta));
  }

  /** The offset behind the batch. */
  get nextOffset(): Offset {
    return asOffset(this.baseOffset + BigInt(this.lastOffsetDelta) + 1n);
  }

  get baseTimestamp(): bigint {
    return int64At(this.buffer, 27);
  }

  get maxTimestamp(): bigint {
    return int64At(this.buffer, 35);
  }

  get producerId(): ProducerId {
    return asProducerId(int64At(this.buffer, 43));
  }

  get producerEpoch(): ProducerEpoch {
    return asProducerEpoch(this.buffer.readInt16BE(51));
  }

  get baseSequence(): number {
    return int32At(this.buffer, 53);
  }

  /** The sequence of the last record; sequences go on with 0 after 2147483647. */
  get lastSequence(): number {
    return this.baseSequence < 0 ? -1 : addSequence(this.baseSequence, this.lastOffsetDelta);
  }

  get recordCount(): number {
    return int32At(this.buffer, 57);
  }

  /** The records' bytes, compressed as {@link compression} says. */
  get payload(): Buffer {
    return this.buffer.subarray(BATCH_OVERHEAD_BYTES);
  }

  isCrcValid(): boolean {
    return crc32c(this.buffer.subarray(CRC_START)) === this.crc;
  }

  /** Makes the append time every record's timestamp, or sets the producers' latest one, with a new checksum. */
  setMaxTimestamp(maxTimestamp: bigint, isLogAppendTime: boolean): void {
    const attributes = this.attributes;
    const changed = isLogAppendTime ? attributes | TIMESTAMP_TYPE_FLAG : attributes & ~TIMESTAMP_TYPE_FLAG;
    this.buffer.writeInt16BE(changed, CRC_START);
    this.buffer.writeBigInt64BE(maxTimestamp, 35);
    this.buffer.writeUInt32BE(crc32c(this.buffer.subarray(CRC_START)), 17);
  }
}

/** Sequence numbers count 0 to 2147483647 and start over. */
export function addSequence(sequence: number, increment: number): number {
  const sum = sequence + increment;
  return sum > 0x7fffffff ? sum - 0x80000000 : sum;
}
