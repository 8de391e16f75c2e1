import { Malformed } from '../../protocol/malformed.ts';
import { TooMuchOutput } from './bounded_output.ts';

/**
 * Calls a decompressor of node:zlib, with its errors made ours.
 * @throws {Malformed}
 * @throws {TooMuchOutput}
 */
export function callZlib(decompress: () => Buffer): Buffer {
  try {
    return decompress();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new TooMuchOutput();
    if (code?.startsWith('Z_') || code?.startsWith('ZSTD_')) throw new Malformed(message);
    throw error;
  }
}
