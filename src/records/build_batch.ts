import { assert } from '../model/assert.ts';
import {
  asOffset,
  type LeaderEpoch,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type Offset,
  type ProducerEpoch,
  type ProducerId,
  UNKNOWN_LEADER_EPOCH,
} from '../model/ids.ts';
import { compress } from './compression/compression.ts';
import { crc32c } from './crc32c.ts';
import {
  BATCH_OVERHEAD_BYTES,
  COMPRESSION_MASK,
  CONTROL_FLAG,
  CompressionType,
  CRC_START,
  CURRENT_MAGIC,
  DELETE_HORIZON_FLAG,
  LOG_OVERHEAD_BYTES,
  MAGIC_POSITION,
  RecordBatch,
  TIMESTAMP_TYPE_FLAG,
  TRANSACTIONAL_FLAG,
} from './record_batch.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

/** A record that is to be written. */
export interface RecordInput {
  /** Milliseconds since 1970; -1 for none. */
  readonly timestamp: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Above that of the record before. Without it: the batch's base offset and as many as there are records before. */
  readonly offset?: Offset;
}

export interface BatchOptions {
  /** 0 without it, as producers write it. */
  readonly baseOffset?: Offset;
  /** The offset at which the batch ends; that of the last record without it. Compaction keeps it when records go. */
  readonly lastOffset?: Offset;
  readonly leaderEpoch?: LeaderEpoch;
  readonly compression?: CompressionType;
  /** As the codec counts levels; its default without it. */
  readonly compressionLevel?: number;
  /** Makes the time of the append, milliseconds since 1970, every record's timestamp. */
  readonly logAppendTimeMs?: bigint;
  readonly producerId?: ProducerId;
  readonly producerEpoch?: ProducerEpoch;
  /** -1 without it. */
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** The time from which compaction may drop the batch's tombstones, milliseconds since 1970. */
  readonly deleteHorizonMs?: bigint;
  /** Only for a batch without records, which has no other: the largest timestamp that it had. */
  readonly maxTimestamp?: bigint;
}

/** The timestamp of a record that has none. */
export const NO_TIMESTAMP = -1n;
const NULL_LENGTH = -1;

/** Builds a batch, with its checksum, in a buffer of its own. */
export function buildBatch(records: readonly RecordInput[], options: BatchOptions = {}): RecordBatch {
  const { baseOffset = asOffset(0n), compression = CompressionType.none } = options;
  assert(
    records.length > 0 || options.lastOffset !== undefined,
    'a batch without records needs its last offset',
  );
  const baseTimestamp = options.deleteHorizonMs ?? records[0]?.timestamp ?? NO_TIMESTAMP;
  const layout = layOut(records, baseOffset, baseTimestamp);
  let buffer: Buffer;
  if (compression === CompressionType.none || records.length === 0) {
    buffer = Buffer.allocUnsafe(BATCH_OVERHEAD_BYTES + layout.sizeBytes);
    writeRecords(buffer, BATCH_OVERHEAD_BYTES, records, layout);
  } else {
    const plain = Buffer.allocUnsafe(layout.sizeBytes);
    writeRecords(plain, 0, records, layout);
    const compressed = compress(compression, plain, options.compressionLevel);
    buffer = Buffer.allocUnsafe(BATCH_OVERHEAD_BYTES + compressed.length);
    buffer.set(compressed, BATCH_OVERHEAD_BYTES);
  }
  const lastOffsetDelta =
    options.lastOffset === undefined ? layout.lastOffsetDelta : toDelta(options.lastOffset, baseOffset);
  assert(lastOffsetDelta >= layout.lastOffsetDelta, 'a record is behind the last offset of its batch');
  buffer.writeBigInt64BE(baseOffset, 0);
  buffer.writeInt32BE(buffer.length - LOG_OVERHEAD_BYTES, 8);
  buffer.writeInt32BE(options.leaderEpoch ?? UNKNOWN_LEADER_EPOCH, 12);
  buffer.writeInt8(CURRENT_MAGIC, MAGIC_POSITION);
  buffer.writeInt16BE(attributesOf(records.length === 0 ? CompressionType.none : compression, options), 21);
  buffer.writeInt32BE(lastOffsetDelta, 23);
  buffer.writeBigInt64BE(baseTimestamp, 27);
  buffer.writeBigInt64BE(options.logAppendTimeMs ?? options.maxTimestamp ?? layout.maxTimestamp, 35);
  buffer.writeBigInt64BE(options.producerId ?? NO_PRODUCER_ID, 43);
  buffer.writeInt16BE(options.producerEpoch ?? NO_PRODUCER_EPOCH, 51);
  buffer.writeInt32BE(options.baseSequence ?? -1, 53);
  buffer.writeInt32BE(records.length, 57);
  buffer.writeUInt32BE(crc32c(buffer.subarray(CRC_START)), 17);
  return new RecordBatch(buffer);
}

/** The batch with the same header but other bytes for its records: what they are, compressed otherwise. */
export function withRecords(batch: RecordBatch, bytes: Buffer, compression: CompressionType): RecordBatch {
  const buffer = Buffer.allocUnsafe(BATCH_OVERHEAD_BYTES + bytes.length);
  batch.buffer.copy(buffer, 0, 0, BATCH_OVERHEAD_BYTES);
  buffer.set(bytes, BATCH_OVERHEAD_BYTES);
  buffer.writeInt32BE(buffer.length - LOG_OVERHEAD_BYTES, 8);
  buffer.writeInt16BE((batch.attributes & ~COMPRESSION_MASK) | compression, 21);
  buffer.writeUInt32BE(crc32c(buffer.subarray(CRC_START)), 17);
  return new RecordBatch(buffer);
}

function attributesOf(compression: CompressionType, options: BatchOptions): number {
  let attributes: number = compression;
  if (options.logAppendTimeMs !== undefined) attributes |= TIMESTAMP_TYPE_FLAG;
  if (options.isTransactional === true) attributes |= TRANSACTIONAL_FLAG;
  if (options.isControl === true) attributes |= CONTROL_FLAG;
  if (options.deleteHorizonMs !== undefined) attributes |= DELETE_HORIZON_FLAG;
  return attributes;
}

function toDelta(offset: Offset, baseOffset: Offset): number {
  const delta = offset - baseOffset;
  assert(
    delta >= -1n && delta <= 0x7fffffffn,
    `offset ${offset} is out of the range of base offset ${baseOffset}`,
  );
  return Number(delta);
}

/** What the sizing pass finds out for the writing pass. */
interface Layout {
  readonly baseTimestamp: bigint;
  /** Of each record, without the length before it. */
  readonly bodySizes: Int32Array;
  readonly offsetDeltas: Int32Array;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: bigint;
  readonly sizeBytes: number;
}

function layOut(records: readonly RecordInput[], baseOffset: Offset, baseTimestamp: bigint): Layout {
  const bodySizes = new Int32Array(records.length);
  const offsetDeltas = new Int32Array(records.length);
  let lastOffsetDelta = -1;
  let maxTimestamp = NO_TIMESTAMP;
  let sizeBytes = 0;
  records.forEach((record, index) => {
    const offsetDelta = record.offset === undefined ? index : toDelta(record.offset, baseOffset);
    assert(offsetDelta > lastOffsetDelta, 'the offsets of the records do not rise');
    const size = bodySize(record, offsetDelta, BigInt.asIntN(64, record.timestamp - baseTimestamp));
    offsetDeltas[index] = offsetDelta;
    bodySizes[index] = size;
    lastOffsetDelta = offsetDelta;
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    sizeBytes += varintSize(size) + size;
  });
  return { baseTimestamp, bodySizes, offsetDeltas, lastOffsetDelta, maxTimestamp, sizeBytes };
}

function bodySize(record: RecordInput, offsetDelta: number, timestampDelta: bigint): number {
  const { key, value, headers = [] } = record;
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + bytesSize(key) + bytesSize(value);
  size += varintSize(headers.length);
  for (const header of headers) {
    const nameLength = Buffer.byteLength(header.key);
    size += varintSize(nameLength) + nameLength + bytesSize(header.value);
  }
  return size;
}

function bytesSize(bytes: Uint8Array | null): number {
  return bytes === null ? varintSize(NULL_LENGTH) : varintSize(bytes.length) + bytes.length;
}

function writeRecords(
  buffer: Buffer,
  position: number,
  records: readonly RecordInput[],
  layout: Layout,
): void {
  let at = position;
  records.forEach((record, index) => {
    const { key, value, headers = [] } = record;
    at = writeVarint(buffer, at, layout.bodySizes[index]!);
    buffer[at++] = 0;
    at = writeVarlong(buffer, at, BigInt.asIntN(64, record.timestamp - layout.baseTimestamp));
    at = writeVarint(buffer, at, layout.offsetDeltas[index]!);
    at = writeBytes(buffer, at, key);
    at = writeBytes(buffer, at, value);
    at = writeVarint(buffer, at, headers.length);
    for (const header of headers) {
      at = writeVarint(buffer, at, Buffer.byteLength(header.key));
      at += buffer.write(header.key, at);
      at = writeBytes(buffer, at, header.value);
    }
  });
  assert(at === position + layout.sizeBytes, 'the records took other bytes than they were sized for');
}

function writeBytes(buffer: Buffer, position: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(buffer, position, NULL_LENGTH);
  const at = writeVarint(buffer, position, bytes.length);
  buffer.set(bytes, at);
  return at + bytes.length;
}
