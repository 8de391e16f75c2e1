import { Malformed } from '../../protocol/malformed.ts';
import { loadNative } from '../load_native.ts';
import { BoundedOutput } from './bounded_output.ts';
import { decodeLz4Block, encodeLz4Block } from './lz4_block.ts';
import { xxhash32 } from './xxhash32.ts';

/*
 * LZ4 in its frame format: a header, blocks, an end mark. Written as Kafka writes it: independent blocks of 64 KB, no
 * checksums but the header's (the batch has its own). Everything that a frame may have is read, except a dictionary.
 * What follows the first frame is ignored, as Kafka's reader ignores it.
 *
 *     magic · flags · block size · [content size int64] · [dictionary id int32] · checksum of the header, one byte
 *     { length int32, its highest bit set for a block that is not compressed · block · [checksum int32] } …
 *     0 int32 · [checksum of the content int32]
 */

const MAGIC = 0x184d2204;
const FIXED_HEADER_BYTES = 6;
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 4;

const VERSION_MASK = 0xc0;
const VERSION = 0x40;
const INDEPENDENT_BLOCKS = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const RESERVED = 0x02;
const DICTIONARY_ID = 0x01;

/** Marks a block that is not compressed. */
const UNCOMPRESSED = 0x80000000;
/** The code for blocks of 64 KB, and their size: the smallest of the four that there are. */
const BLOCK_CODE = 4;
const BLOCK_BYTES = 1 << 16;
/** A match of 255 bytes takes one byte of length: no block grows more than this. */
const MAX_GROWTH = 256;

/** Compresses and decompresses single blocks. */
export interface Lz4Blocks {
  encode(bytes: Buffer): Buffer;
  /**
   * Decompresses a block that needs none before it to the end of `output`.
   * @param maxBytes what it holds at most, unless it is malformed
   * @throws {Malformed}
   * @throws {TooMuchOutput}
   */
  decode(block: Buffer, output: BoundedOutput, maxBytes: number): void;
}

export const portableLz4: Lz4Blocks = {
  encode: encodeLz4Block,
  decode: (block, output) => {
    output.closeWindow();
    decodeLz4Block(block, output);
  },
};

interface Lz4Module {
  /** Blocks with the length of what they hold (uint32, little endian) before them. */
  compressSync(bytes: Buffer): Buffer;
  uncompressSync(bytes: Buffer): Buffer;
}

/** The native form, where it loads. */
export function nativeLz4(): Lz4Blocks | undefined {
  const native = loadNative<Lz4Module>('lz4-napi');
  return (
    native && {
      encode: bytes => native.compressSync(bytes).subarray(LENGTH_BYTES),
      decode: (block, output, maxBytes) => {
        const prefixed = Buffer.allocUnsafe(LENGTH_BYTES + block.length);
        prefixed.writeUInt32LE(maxBytes);
        block.copy(prefixed, LENGTH_BYTES);
        let decoded: Buffer;
        try {
          decoded = native.uncompressSync(prefixed);
        } catch (error) {
          throw new Malformed((error as Error).message);
        }
        output.append(decoded, 0, decoded.length);
      },
    }
  );
}

let loaded: Lz4Blocks | undefined;
function blocks(): Lz4Blocks {
  loaded ??= nativeLz4() ?? portableLz4;
  return loaded;
}

export function compressLz4(bytes: Buffer, { encode } = blocks()): Buffer {
  const header = Buffer.allocUnsafe(FIXED_HEADER_BYTES + 1);
  header.writeUInt32LE(MAGIC);
  header[4] = VERSION | INDEPENDENT_BLOCKS;
  header[5] = BLOCK_CODE << 4;
  header[6] = headerChecksum(header.subarray(4, 6));
  const parts: Buffer[] = [header];
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const plain = bytes.subarray(start, start + BLOCK_BYTES);
    const block = encode(plain);
    const isSmaller = block.length < plain.length;
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(isSmaller ? block.length : plain.length + UNCOMPRESSED);
    parts.push(length, isSmaller ? block : plain);
  }
  parts.push(Buffer.alloc(LENGTH_BYTES));
  return Buffer.concat(parts);
}

function headerChecksum(descriptor: Buffer): number {
  return (xxhash32(descriptor) >>> 8) & 0xff;
}

interface FrameHeader {
  readonly flags: number;
  readonly maxBlockBytes: number;
  readonly contentSize: bigint | undefined;
  readonly sizeBytes: number;
}

function readHeader(bytes: Buffer): FrameHeader {
  if (bytes.length < FIXED_HEADER_BYTES + 1) throw new Malformed('an LZ4 frame ends within its header');
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Malformed('bytes that are no LZ4 frame');
  const flags = bytes[4]!;
  const blockCode = (bytes[5]! >>> 4) & 7;
  if ((flags & VERSION_MASK) !== VERSION || (flags & RESERVED) !== 0 || (bytes[5]! & 0x8f) !== 0) {
    throw new Malformed(`an LZ4 frame with the flags ${flags} and ${bytes[5]}`);
  }
  if (blockCode < BLOCK_CODE) throw new Malformed(`an LZ4 frame with blocks of the size ${blockCode}`);
  if ((flags & DICTIONARY_ID) !== 0) throw new Malformed('an LZ4 frame that needs a dictionary');
  const hasContentSize = (flags & CONTENT_SIZE) !== 0;
  const end = FIXED_HEADER_BYTES + (hasContentSize ? 8 : 0);
  if (bytes.length <= end) throw new Malformed('an LZ4 frame ends within its header');
  if (bytes[end] !== headerChecksum(bytes.subarray(4, end))) {
    throw new Malformed('the header of an LZ4 frame fails its checksum');
  }
  return {
    flags,
    maxBlockBytes: 1 << (8 + 2 * blockCode),
    contentSize: hasContentSize ? bytes.readBigUInt64LE(FIXED_HEADER_BYTES) : undefined,
    sizeBytes: end + 1,
  };
}

/**
 * @throws {Malformed}
 * @throws {TooMuchOutput}
 */
export function decompressLz4(bytes: Buffer, maxOutputBytes: number, { decode } = blocks()): Buffer {
  const { flags, maxBlockBytes, contentSize, sizeBytes } = readHeader(bytes);
  const output = new BoundedOutput(maxOutputBytes, 4 * bytes.length);
  let at = sizeBytes;
  for (;;) {
    if (at + LENGTH_BYTES > bytes.length) throw new Malformed('an LZ4 frame ends without its end mark');
    const field = bytes.readUInt32LE(at);
    at += LENGTH_BYTES;
    if (field === 0) break;
    const length = field % UNCOMPRESSED;
    const checksumBytes = (flags & BLOCK_CHECKSUMS) !== 0 ? CHECKSUM_BYTES : 0;
    if (length > maxBlockBytes || at + length + checksumBytes > bytes.length) {
      throw new Malformed(`an LZ4 block of ${length} bytes where ${bytes.length - at} remain`);
    }
    const block = bytes.subarray(at, at + length);
    at += length;
    if (checksumBytes > 0 && bytes.readUInt32LE(at) !== xxhash32(block)) {
      throw new Malformed('an LZ4 block fails its checksum');
    }
    at += checksumBytes;
    const outputStart = output.length;
    if (field >= UNCOMPRESSED) output.append(block, 0, length);
    else if ((flags & INDEPENDENT_BLOCKS) === 0) decodeLz4Block(block, output);
    else decode(block, output, Math.min(maxBlockBytes, length * MAX_GROWTH));
    if (output.length - outputStart > maxBlockBytes) {
      throw new Malformed(`an LZ4 block holds more than the ${maxBlockBytes} bytes that its frame allows`);
    }
  }
  if (contentSize !== undefined && contentSize !== BigInt(output.length)) {
    throw new Malformed(`an LZ4 frame holds ${output.length} bytes, not the ${contentSize} that it says`);
  }
  const content = output.finish();
  if ((flags & CONTENT_CHECKSUM) !== 0) {
    if (at + CHECKSUM_BYTES > bytes.length) throw new Malformed('an LZ4 frame ends within its checksum');
    if (bytes.readUInt32LE(at) !== xxhash32(content)) {
      throw new Malformed('the content of an LZ4 frame fails its checksum');
    }
  }
  return content;
}
