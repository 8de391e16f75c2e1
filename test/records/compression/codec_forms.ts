import { compressLz4, decompressLz4, nativeLz4, portableLz4 } from '../../../src/records/compression/lz4.ts';
import {
  compressSnappy,
  decompressSnappy,
  nativeSnappy,
  portableSnappy,
} from '../../../src/records/compression/snappy.ts';
import { nativeZstd, portableZstd, type ZstdCodec } from '../../../src/records/compression/zstd.ts';

/** One form of a codec: native or portable. */
export interface CodecForm {
  compress(bytes: Buffer): Buffer;
  decompress(bytes: Buffer, maxOutputBytes: number): Buffer;
}

export interface CodecForms {
  readonly portable: CodecForm;
  /** Absent where it does not load. */
  readonly native?: CodecForm;
}

function zstdForm(codec: ZstdCodec): CodecForm {
  return { compress: bytes => codec.compress(bytes, undefined), decompress: codec.decompress };
}

const snappy = nativeSnappy();
const lz4 = nativeLz4();
const zstd = nativeZstd();

export const CODEC_FORMS: Readonly<Record<'snappy' | 'lz4' | 'zstd', CodecForms>> = {
  snappy: {
    portable: {
      compress: bytes => compressSnappy(bytes, portableSnappy),
      decompress: (bytes, max) => decompressSnappy(bytes, max, portableSnappy),
    },
    ...(snappy && {
      native: {
        compress: bytes => compressSnappy(bytes, snappy),
        decompress: (bytes, max) => decompressSnappy(bytes, max, snappy),
      },
    }),
  },
  lz4: {
    portable: {
      compress: bytes => compressLz4(bytes, portableLz4),
      decompress: (bytes, max) => decompressLz4(bytes, max, portableLz4),
    },
    ...(lz4 && {
      native: {
        compress: bytes => compressLz4(bytes, lz4),
        decompress: (bytes, max) => decompressLz4(bytes, max, lz4),
      },
    }),
  },
  zstd: { portable: zstdForm(portableZstd), ...(zstd && { native: zstdForm(zstd) }) },
};
