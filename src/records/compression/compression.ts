import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { assert } from '../../model/assert.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import { Malformed } from '../../protocol/malformed.ts';
import { CompressionType } from '../record_batch.ts';
import { TooMuchOutput } from './bounded_output.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { callZlib } from './zlib_calls.ts';
import { compressZstd, decompressZstd } from './zstd.ts';

/*
 * The codecs of a batch's records, each in the framing that Kafka's clients write. Snappy and LZ4 are native where
 * their modules load, zstd where Node has it (22.15 and later); JavaScript stands in elsewhere. A module is loaded when
 * its codec is first used.
 */

/** Size of the pieces in which node:zlib collects its output. */
const OUTPUT_CHUNK_BYTES = 1 << 16;

/**
 * Compresses the records of a batch; without compression it is `bytes` itself.
 * @param level as `compression.gzip.level` and `compression.zstd.level` count, the codec's default without it. Snappy
 *   has none, and of LZ4 there is only the default one here
 */
export function compress(type: CompressionType, bytes: Buffer, level?: number): Buffer {
  switch (type) {
    case CompressionType.none:
      return bytes;
    case CompressionType.gzip:
      return gzipSync(bytes, { level: level ?? constants.Z_DEFAULT_COMPRESSION });
    case CompressionType.snappy:
      return compressSnappy(bytes);
    case CompressionType.lz4:
      return compressLz4(bytes);
    case CompressionType.zstd:
      return compressZstd(bytes, level);
  }
}

/**
 * Decompresses the records of a batch; without compression it is `bytes` itself. Takes no more memory than the result
 * may, whatever the bytes say.
 * @param maxOutputBytes what the result may take at most, above 0
 * @returns MESSAGE_TOO_LARGE when it would take more; INVALID_RECORD when the bytes are not what the codec writes: a
 *   batch whose checksum holds was made so, and sending it again can't help; UNSUPPORTED_COMPRESSION_TYPE
 */
export function decompress(type: CompressionType, bytes: Buffer, maxOutputBytes: number): Buffer | Failure {
  assert(maxOutputBytes > 0, 'the limit of an output is not above 0');
  try {
    switch (type) {
      case CompressionType.none:
        return bytes;
      case CompressionType.gzip:
        return callZlib(() =>
          gunzipSync(bytes, { maxOutputLength: maxOutputBytes, chunkSize: OUTPUT_CHUNK_BYTES }),
        );
      case CompressionType.snappy:
        return decompressSnappy(bytes, maxOutputBytes);
      case CompressionType.lz4:
        return decompressLz4(bytes, maxOutputBytes);
      case CompressionType.zstd:
        return decompressZstd(bytes, maxOutputBytes);
      default:
        return unsupportedCompression(type);
    }
  } catch (error) {
    return decompressionFailure(error, bytes.length, maxOutputBytes);
  }
}

/** The failure for the numbers 5 to 7, which fit into a batch's attributes and stand for nothing. */
export function unsupportedCompression(type: number): Failure {
  return new Failure(
    Errors.UNSUPPORTED_COMPRESSION_TYPE,
    `The record batch has the compression type ${type}, which does not exist`,
  );
}

function decompressionFailure(error: unknown, inputBytes: number, maxOutputBytes: number): Failure {
  if (error instanceof TooMuchOutput) {
    return new Failure(
      Errors.MESSAGE_TOO_LARGE,
      `The ${inputBytes} bytes of records decompress to more than the ${maxOutputBytes} that are allowed`,
    );
  }
  if (!(error instanceof Malformed)) throw error;
  return new Failure(
    Errors.INVALID_RECORD,
    `The ${inputBytes} bytes of records can't be decompressed: ${error.message}`,
  );
}
