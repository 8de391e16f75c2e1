import { gunzipSync, gzipSync } from 'node:zlib';
import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import { CompressionType } from '../record_batch.ts';

/** Compresses the records of a batch. */
export function compress(type: CompressionType, bytes: Uint8Array, level?: number): Buffer {
  if (type === CompressionType.none) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === CompressionType.gzip) return gzipSync(bytes, level === undefined ? {} : { level });
  throw new Error(`compression type ${type} is not supported`);
}

/**
 * Decompresses the records of a batch; without compression it is `bytes` itself.
 * @param maxOutputBytes what the result may take at most
 */
export function decompress(type: CompressionType, bytes: Buffer, maxOutputBytes: number): Buffer | Failure {
  if (type === CompressionType.none) return bytes;
  if (type !== CompressionType.gzip) {
    return new Failure(Errors.UNSUPPORTED_COMPRESSION_TYPE, `The compression type ${type} is not supported`);
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: maxOutputBytes });
  } catch (error) {
    return new Failure(Errors.INVALID_RECORD, `The records are not gzip: ${(error as Error).message}`);
  }
}
