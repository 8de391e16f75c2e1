import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { compileDecoder, type Decoder } from './compile_decoder.ts';
import { compileEncoder, type Encoder } from './compile_encoder.ts';
import { Malformed } from './malformed.ts';
import { Reader } from './reader.ts';
import type { Message, MessageInput, MessageOf } from './schema.ts';
import { includesVersion } from './versions.ts';
import { type Encoded, Sizes, unsignedVarintSize, Writer } from './writer.ts';

/** The codecs made so far, per declaration and version. A declaration is never changed, so they never go stale. */
const decoders = new WeakMap<Message, (Decoder | undefined)[]>();
const encoders = new WeakMap<Message, (Encoder | undefined)[]>();

function codecOf<Codec>(
  made: WeakMap<Message, (Codec | undefined)[]>,
  make: (message: Message, version: number) => Codec,
  message: Message,
  version: number,
): Codec {
  let versions = made.get(message);
  if (versions === undefined) {
    versions = [];
    made.set(message, versions);
  }
  let codec = versions[version];
  if (codec === undefined) {
    if (!includesVersion(message.versions, version)) {
      throw new Error(`${message.name} has no version ${version}: it has ${message.versions}`);
    }
    codec = make(message, version);
    versions[version] = codec;
  }
  return codec;
}

/**
 * Reads a message where the reader stands; what follows it is left. For versions that the declaration has.
 * @throws {Malformed} when the bytes are not such a message
 */
export function read<M extends Message>(message: M, version: number, reader: Reader): MessageOf<M> {
  return codecOf(decoders, compileDecoder, message, version)(reader) as MessageOf<M>;
}

/**
 * Decodes bytes that hold one message and nothing else. Strings are copied; `bytes` and `records` are views of
 * `buffer`.
 * @returns an INVALID_REQUEST failure when the bytes are not such a message
 */
export function decode<M extends Message>(
  message: M,
  version: number,
  buffer: Buffer,
): MessageOf<M> | Failure {
  const reader = new Reader(buffer);
  try {
    const value = read(message, version, reader);
    if (reader.remaining > 0) throw new Malformed(`${reader.remaining} bytes are left over`);
    return value;
  } catch (error) {
    return malformedFailure(`${message.name} version ${version}`, error);
  }
}

/** Makes a {@link Malformed} the failure to decode `what`; any other error is ours and goes on. */
export function malformedFailure(what: string, error: unknown): Failure {
  if (!(error instanceof Malformed)) throw error;
  return new Failure(Errors.INVALID_REQUEST, `Cannot decode ${what}: ${error.message}`);
}

/** Something to be encoded: a message, or what stands before one. */
export interface Part {
  readonly encoder: Encoder;
  readonly value: unknown;
}

export function part<M extends Message>(message: M, version: number, value: MessageInput<M>): Part {
  return { encoder: codecOf(encoders, compileEncoder, message, version), value };
}

const INT16: Encoder = {
  size: () => 2,
  write: (value, writer) => writer.int16(value as number),
};

/** A record type or a version before a message. */
export function int16Part(value: number): Part {
  return { encoder: INT16, value };
}

const UNSIGNED_VARINT: Encoder = {
  size: value => unsignedVarintSize(value as number),
  write: (value, writer) => writer.unsignedVarint(value as number),
};

export function unsignedVarintPart(value: number): Part {
  return { encoder: UNSIGNED_VARINT, value };
}

function sizeOf(parts: readonly Part[], sizes: Sizes): number {
  let sizeBytes = 0;
  for (const { encoder, value } of parts) sizeBytes += encoder.size(value, sizes);
  return sizeBytes;
}

/**
 * Encodes parts one behind the other: sized together, and written into one buffer. Payloads of records are among the
 * chunks by reference.
 * @throws {UnsupportedField} when a value was given for a field that the version lacks and that may not be dropped
 * @throws {RangeError} when a string is too long
 */
export function encodeParts(parts: readonly Part[]): Encoded {
  const sizes = new Sizes();
  const sizeBytes = sizeOf(parts, sizes);
  const writer = new Writer(sizeBytes - sizes.payloadBytes, sizes);
  for (const { encoder, value } of parts) encoder.write(value, writer);
  return { chunks: writer.finish(), sizeBytes };
}

/** Sizes of frames are int32. */
const MAX_FRAME_BYTES = 0x7fffffff;
export const FRAME_SIZE_BYTES = 4;

/** Encodes parts as {@link encodeParts} does, behind their size, as they go over a connection. */
export function encodeFrame(parts: readonly Part[]): Encoded {
  const sizes = new Sizes();
  const frameBytes = sizeOf(parts, sizes);
  assert(frameBytes <= MAX_FRAME_BYTES, `a frame of ${frameBytes} bytes`);
  const writer = new Writer(FRAME_SIZE_BYTES + frameBytes - sizes.payloadBytes, sizes);
  writer.int32(frameBytes);
  for (const { encoder, value } of parts) encoder.write(value, writer);
  return { chunks: writer.finish(), sizeBytes: FRAME_SIZE_BYTES + frameBytes };
}

/** Encodes parts into one buffer; payloads of records are copied. */
export function encodePartsToBuffer(parts: readonly Part[]): Buffer {
  const { chunks } = encodeParts(parts);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Encodes a message as {@link encodeParts} does. */
export function encode<M extends Message>(message: M, version: number, value: MessageInput<M>): Encoded {
  return encodeParts([part(message, version, value)]);
}

/** Encodes a message into one buffer; payloads of records are copied. */
export function encodeToBuffer<M extends Message>(
  message: M,
  version: number,
  value: MessageInput<M>,
): Buffer {
  return encodePartsToBuffer([part(message, version, value)]);
}
