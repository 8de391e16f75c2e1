import zlib from 'node:zlib';
import { TooMuchOutput } from './bounded_output.ts';
import { callZlib } from './zlib_calls.ts';
import { decodeZstd } from './zstd/decoder.ts';
import { encodeZstd } from './zstd/encoder.ts';
import { eachFrame } from './zstd/frame.ts';

/** Compresses and decompresses zstd frames; decompressing throws Malformed and TooMuchOutput. */
export interface ZstdCodec {
  compress(bytes: Buffer, level: number | undefined): Buffer;
  decompress(bytes: Buffer, maxOutputBytes: number): Buffer;
}

export const portableZstd: ZstdCodec = { compress: encodeZstd, decompress: decodeZstd };

/** What node:zlib has from Node 22.15 on. */
interface ZstdModule {
  zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number> }): Buffer;
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number; chunkSize: number }): Buffer;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

/** Size of the pieces in which node:zlib collects its output. */
const OUTPUT_CHUNK_BYTES = 1 << 16;

/** The form of Node itself, where it has one. Its decompressor takes no window above 2^27, as Kafka's does not. */
export function nativeZstd(): ZstdCodec | undefined {
  if (!('zstdDecompressSync' in zlib)) return undefined;
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as ZstdModule;
  return {
    compress: (bytes, level) =>
      zstdCompressSync(bytes, {
        params: level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level },
      }),
    decompress: (bytes, maxOutputBytes) => {
      const parts: Buffer[] = [];
      let left = maxOutputBytes;
      // One by one: it would pass over all but the first.
      eachFrame(bytes, frame => {
        const options = { maxOutputLength: Math.max(left, 1), chunkSize: OUTPUT_CHUNK_BYTES };
        const part = callZlib(() => zstdDecompressSync(frame, options));
        left -= part.length;
        if (left < 0) throw new TooMuchOutput();
        parts.push(part);
      });
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
  };
}

const { compress, decompress } = nativeZstd() ?? portableZstd;

/** Compresses at `level` where Node has zstd; elsewhere there is one level only. */
export const compressZstd = compress;
export const decompressZstd = decompress;
