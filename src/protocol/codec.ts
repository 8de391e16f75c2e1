import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { compileDecoder, type Decoder } from './compile_decoder.ts';
import { compileEncoder, type Encoder } from './compile_encoder.ts';
import { Malformed } from './malformed.ts';
import { Reader } from './reader.ts';
import type { Message, MessageInput, MessageOf } from './schema.ts';
import { includesVersion } from './versions.ts';
import { type Encoded, Sizes, Writer } from './writer.ts';

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
    if (reader.remaining === 0) return value;
    return new Failure(
      Errors.INVALID_REQUEST,
      `Cannot decode ${message.name} version ${version}: ${reader.remaining} bytes are left over`,
    );
  } catch (error) {
    return malformedFailure(message, version, error);
  }
}

/** Makes a {@link Malformed} the failure that it is; any other error is ours and goes on. */
export function malformedFailure(message: Message, version: number, error: unknown): Failure {
  if (!(error instanceof Malformed)) throw error;
  return new Failure(
    Errors.INVALID_REQUEST,
    `Cannot decode ${message.name} version ${version}: ${error.message}`,
  );
}

/** A message that is about to be encoded: the parts of a frame are sized together and written into one buffer. */
export class Encoding {
  readonly #sizes = new Sizes();
  readonly #writes: ((writer: Writer) => void)[] = [];
  #sizeBytes = 0;

  /** Bytes of all that was added, payloads included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * Adds a message behind those added before.
   * @throws {UnsupportedField} when a value was given for a field that the version lacks and that may not be dropped
   */
  add<M extends Message>(message: M, version: number, value: MessageInput<M>): this {
    const encoder = codecOf(encoders, compileEncoder, message, version);
    this.#sizeBytes += encoder.size(value, this.#sizes);
    this.#writes.push(writer => encoder.write(value, writer));
    return this;
  }

  /** Adds a fixed int32: the size before a frame. */
  addInt32(value: () => number): this {
    this.#sizeBytes += 4;
    this.#writes.push(writer => writer.int32(value()));
    return this;
  }

  finish(): Encoded {
    const writer = new Writer(this.#sizeBytes - this.#sizes.payloadBytes, this.#sizes);
    for (const write of this.#writes) write(writer);
    return { chunks: writer.finish(), sizeBytes: this.#sizeBytes };
  }
}

/** Encodes a message into chunks; payloads of records are among them by reference. */
export function encode<M extends Message>(message: M, version: number, value: MessageInput<M>): Encoded {
  return new Encoding().add(message, version, value).finish();
}

/** Encodes a message that carries no record payloads into one buffer. */
export function encodeToBuffer<M extends Message>(
  message: M,
  version: number,
  value: MessageInput<M>,
): Buffer {
  const { chunks } = encode(message, version, value);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
