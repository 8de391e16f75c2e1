import { Malformed } from '../../../protocol/malformed.ts';
import { BlockType, FRAME_MAGIC, MAX_BLOCK_BYTES } from './codes.ts';

/* The frames of zstd (RFC 8878, section 3.1): where they begin and end, and what their headers say. */

const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** The window that a decoder must have at most, as in Kafka's: 2^27. */
const MAX_WINDOW_BYTES = 1 << 27;

/**
 * Calls `visit` with each frame that holds something, whole; passes over those that are to be skipped.
 * @throws {Malformed} when the bytes are not frames one after the other, at least one
 */
export function eachFrame(bytes: Buffer, visit: (frame: Buffer) => void): void {
  let at = 0;
  do {
    if (at + 2 * MAGIC_BYTES > bytes.length) throw new Malformed('bytes that are no zstd frame');
    const magic = bytes.readUInt32LE(at);
    const start = at;
    if ((magic & ~15) >>> 0 === SKIPPABLE_MAGIC) {
      at += 2 * MAGIC_BYTES + bytes.readUInt32LE(at + MAGIC_BYTES);
      if (at > bytes.length) throw new Malformed('a skippable zstd frame is cut off');
      continue;
    }
    if (magic !== FRAME_MAGIC) throw new Malformed('bytes that are no zstd frame');
    at = frameEnd(bytes, start);
    visit(bytes.subarray(start, at));
  } while (at < bytes.length);
}

function frameEnd(bytes: Buffer, start: number): number {
  const header = readFrameHeader(bytes.subarray(start));
  let at = start + header.end;
  let isLast = false;
  while (!isLast) {
    const block = readBlockHeader(bytes, at);
    isLast = block.isLast;
    at = block.end;
  }
  if (header.hasChecksum) at += CHECKSUM_BYTES;
  if (at > bytes.length) throw new Malformed('a zstd frame ends within its checksum');
  return at;
}

export interface BlockHeader {
  readonly type: number;
  /** Of what follows; of a block of one byte repeated, how often. */
  readonly size: number;
  readonly isLast: boolean;
  /** Where what follows begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** @throws {Malformed} when the block is not there as a whole */
export function readBlockHeader(bytes: Buffer, position: number): BlockHeader {
  const start = position + BLOCK_HEADER_BYTES;
  if (start > bytes.length) throw new Malformed('a zstd frame ends without its last block');
  const field = bytes.readUIntLE(position, BLOCK_HEADER_BYTES);
  const type = (field >>> 1) & 3;
  const size = field >>> 3;
  const end = start + (type === BlockType.rle ? 1 : size);
  if (end > bytes.length) throw new Malformed('a zstd frame ends within a block');
  return { type, size, isLast: (field & 1) !== 0, start, end };
}

export interface FrameHeader {
  readonly contentSize: bigint | undefined;
  readonly maxBlockBytes: number;
  readonly hasChecksum: boolean;
  /** Where the first block begins. */
  readonly end: number;
}

/** @param bytes a frame, from its magic on @throws {Malformed} */
export function readFrameHeader(bytes: Buffer): FrameHeader {
  const position = MAGIC_BYTES;
  const descriptor = bytes[position]!;
  if ((descriptor & 0x08) !== 0) throw new Malformed('a zstd frame with a reserved bit');
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryStart = position + 1 + (isSingleSegment ? 0 : 1);
  const sizeStart = dictionaryStart + dictionaryBytes;
  const end = sizeStart + sizeBytes;
  if (end > bytes.length) throw new Malformed('a zstd frame ends within its header');
  if (dictionaryBytes > 0 && bytes.readUIntLE(dictionaryStart, dictionaryBytes) !== 0) {
    throw new Malformed('a zstd frame that needs a dictionary');
  }
  let contentSize: bigint | undefined;
  if (sizeBytes === 8) contentSize = bytes.readBigUInt64LE(sizeStart);
  else if (sizeBytes > 0) {
    contentSize = BigInt(bytes.readUIntLE(sizeStart, sizeBytes) + (sizeBytes === 2 ? 256 : 0));
  }
  const window = isSingleSegment ? contentSize! : windowBytes(bytes[position + 1]!);
  if (window > MAX_WINDOW_BYTES) throw new Malformed(`a zstd frame with a window of ${window} bytes`);
  return {
    contentSize,
    maxBlockBytes: Math.min(Number(window), MAX_BLOCK_BYTES),
    hasChecksum: (descriptor & 0x04) !== 0,
    end,
  };
}

function windowBytes(descriptor: number): bigint {
  const base = 1n << BigInt(10 + (descriptor >>> 3));
  return base + (base >> 3n) * BigInt(descriptor & 7);
}
