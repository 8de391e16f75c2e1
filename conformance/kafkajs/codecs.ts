/* kafkajs has gzip built in; snappy, lz4 and zstd are plugged in here, as the project itself has them. */
import kafkajs from 'kafkajs';
import { failed } from '../../src/model/failure.ts';
import { compress, decompress } from '../../src/records/compression/compression.ts';
import { CompressionType } from '../../src/records/record_batch.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;
const MAX_OUTPUT_BYTES = 100 * 1024 * 1024;

/** kafkajs hands its encoder over when it compresses. */
interface Encoder {
  readonly buffer: Buffer;
}

const codec = (type: CompressionType) => () => ({
  compress: async ({ buffer }: Encoder) => compress(type, buffer),
  async decompress(bytes: Buffer) {
    const output = decompress(type, bytes, MAX_OUTPUT_BYTES);
    if (failed(output)) throw new Error(output.message);
    return output;
  },
});

CompressionCodecs[CompressionTypes.Snappy] = codec(CompressionType.snappy);
CompressionCodecs[CompressionTypes.LZ4] = codec(CompressionType.lz4);
CompressionCodecs[CompressionTypes.ZSTD] = codec(CompressionType.zstd);
