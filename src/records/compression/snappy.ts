import { Malformed } from '../../protocol/malformed.ts';
import { loadNative } from '../load_native.ts';
import { TooMuchOutput } from './bounded_output.ts';
import { decodeSnappyBlock, encodeSnappyBlock, snappyLength } from './snappy_block.ts';

/*
 * Snappy as Kafka's clients write it: the framing of snappy-java ("xerial"), a header and then chunks, each with its
 * length (int32) before it and a Snappy block in it. Reading takes a block without framing too, as Kafka's readers
 * do: some clients write that.
 *
 *     82 53 4e 41 50 50 59 00 · version int32 · compatible version int32 · { length int32 · block } …
 */

const MAGIC = Buffer.from('82534e4150505900', 'hex');
const VERSION = 1;
const HEADER_BYTES = 16;
const LENGTH_BYTES = 4;
/** What one chunk holds; snappy-java has the same. */
const CHUNK_BYTES = 32 * 1024;

/** Compresses and decompresses single blocks. Decoding throws {@link Malformed}. */
export interface SnappyBlocks {
  encode(bytes: Buffer): Buffer;
  /** @param block one whose {@link snappyLength} was checked */
  decode(block: Buffer): Buffer;
}

export const portableSnappy: SnappyBlocks = { encode: encodeSnappyBlock, decode: decodeSnappyBlock };

interface SnappyModule {
  compressSync(bytes: Uint8Array, options: { copyOutputData: boolean }): Buffer;
  uncompressSync(bytes: Uint8Array, options: { copyOutputData: boolean }): Buffer;
}

/** Copying what comes out is several times as fast as letting the engine keep track of memory that is not its own. */
const COPIED = { copyOutputData: true };

/** The native form, where it loads. */
export function nativeSnappy(): SnappyBlocks | undefined {
  const native = loadNative<SnappyModule>('snappy');
  return (
    native && {
      encode: bytes => native.compressSync(bytes, COPIED),
      decode: block => {
        try {
          return native.uncompressSync(block, COPIED);
        } catch (error) {
          throw new Malformed((error as Error).message);
        }
      },
    }
  );
}

let loaded: SnappyBlocks | undefined;
function blocks(): SnappyBlocks {
  loaded ??= nativeSnappy() ?? portableSnappy;
  return loaded;
}

export function compressSnappy(bytes: Buffer, { encode } = blocks()): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeInt32BE(VERSION, 8);
  header.writeInt32BE(VERSION, 12);
  const parts: Buffer[] = [header];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    const block = encode(bytes.subarray(start, start + CHUNK_BYTES));
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/**
 * @throws {Malformed}
 * @throws {TooMuchOutput}
 */
export function decompressSnappy(bytes: Buffer, maxOutputBytes: number, { decode } = blocks()): Buffer {
  if (!isFramed(bytes, 0)) {
    if (snappyLength(bytes) > maxOutputBytes) throw new TooMuchOutput();
    return decode(bytes);
  }
  let totalBytes = 0;
  eachChunk(bytes, block => {
    totalBytes += snappyLength(block);
    if (totalBytes > maxOutputBytes) throw new TooMuchOutput();
  });
  const output = Buffer.allocUnsafe(totalBytes);
  let position = 0;
  eachChunk(bytes, block => {
    position += decode(block).copy(output, position);
  });
  return output;
}

function isFramed(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= HEADER_BYTES && MAGIC.compare(bytes, at, at + MAGIC.length) === 0;
}

function eachChunk(bytes: Buffer, visit: (block: Buffer) => void): void {
  let at = 0;
  // Fewer bytes than a length are no chunk, and snappy-java passes them over.
  while (at + LENGTH_BYTES <= bytes.length) {
    // Streams may be put together, each with its header: no length of a chunk begins as the header does. Its versions
    // are not looked at, as snappy-java does not.
    if (isFramed(bytes, at)) {
      at += HEADER_BYTES;
      continue;
    }
    const length = bytes.readInt32BE(at);
    at += LENGTH_BYTES;
    if (length < 0 || length > bytes.length - at) {
      throw new Malformed(`a snappy chunk of ${length} bytes where ${bytes.length - at} remain`);
    }
    visit(bytes.subarray(at, at + length));
    at += length;
  }
}
