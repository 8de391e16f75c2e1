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
const decoders = new WeakMap<Message, Map<number, Decoder>>();
const encoders = new WeakMap<Message, Map<number, Encoder>>();

function codecOf<Codec>(
  made: WeakMap<Message, Map<number, Codec>>,
  make: (message: Message, version: number) => Codec,
  message: Message,
  version: number,
): Codec {
  let versions = made.get(message);
  if (versions === undefined) {
    versions = new Map();
    made.set(message, versions);
  }
  let codec = versions.get(version);
  if (codec === undefined) {
    if (!includesVersion(message.versions, version)) {
      throw new Error(`${message.name} has no version ${version}: it has ${message.versions}`);
    }
    codec = make(message, version);
    versions.set(version, codec);
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

/** Sizes of frames are int32. */
const MAX_FRAME_BYTES = 0x7fffffff;

/** The encoders of what stands before messages: record types, versions, frame versions. */
const INT16: Encoder = {
  size: () => 2,
  write: (value, writer) => writer.int16(value as number),
};
const UNSIGNED_VARINT: Encoder = {
  size: value => unsignedVarintSize(value as number),
  write: (value, writer) => writer.unsignedVarint(value as number),
};

/** Messages that are about to be encoded one after the other: sized together and written into one buffer. */
export class Encoding {
  readonly #sizes = new Sizes();
  readonly #encoders: Encoder[] = [];
  readonly #values: unknown[] = [];
  /** Bytes of all that was added, payloads included. */
  #sizeBytes = 0;

  #add(encoder: Encoder, value: unknown): this {
    this.#sizeBytes += encoder.size(value, this.#sizes);
    this.#encoders.push(encoder);
    this.#values.push(value);
    return this;
  }

  /**
   * Adds a message behind those added before.
   * @throws {UnsupportedField} when a value was given for a field that the version lacks and that may not be dropped
   */
  add<M extends Message>(message: M, version: number, value: MessageInput<M>): this {
    return this.#add(codecOf(encoders, compileEncoder, message, version), value);
  }

  int16(value: number): this {
    return this.#add(INT16, value);
  }

  unsignedVarint(value: number): this {
    return this.#add(UNSIGNED_VARINT, value);
  }

  finish(): Encoded {
    const writer = new Writer(this.#sizeBytes - this.#sizes.payloadBytes, this.#sizes);
    this.#write(writer);
    return { chunks: writer.finish(), sizeBytes: this.#sizeBytes };
  }

  /** What was added behind its size (int32), as it goes over a connection. */
  finishFrame(): Encoded {
    assert(this.#sizeBytes <= MAX_FRAME_BYTES, `a frame of ${this.#sizeBytes} bytes`);
    const writer = new Writer(4 + this.#sizeBytes - this.#sizes.payloadBytes, this.#sizes);
    writer.int32(this.#sizeBytes);
    this.#write(writer);
    return { chunks: writer.finish(), sizeBytes: 4 + this.#sizeBytes };
  }

  /** What was added, copied into one buffer if it has payloads. */
  finishToBuffer(): Buffer {
    const { chunks } = this.finish();
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  #write(writer: Writer): void {
    const encoders = this.#encoders;
    for (let index = 0; index < encoders.length; index++) {
      encoders[index]!.write(this.#values[index], writer);
    }
  }
}

/** Encodes a message into chunks; payloads of records are among them by reference. */
export function encode<M extends Message>(message: M, version: number, value: MessageInput<M>): Encoded {
  return new Encoding().add(message, version, value).finish();
}

/** Encodes a message into one buffer; payloads of records are copied. */
export function encodeToBuffer<M extends Message>(
  message: M,
  version: number,
  value: MessageInput<M>,
): Buffer {
  return new Encoding().add(message, version, value).finishToBuffer();
}
