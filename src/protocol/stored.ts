import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import {
  decode,
  encodePartsToBuffer,
  int16Part,
  malformedFailure,
  part,
  read,
  unsignedVarintPart,
} from './codec.ts';
import { Malformed } from './malformed.ts';
import { Reader } from './reader.ts';
import type { Message, MessageInput, MessageOf } from './schema.ts';
import { includesVersion } from './versions.ts';

/*
 * What stands before a message where it is stored. There are three forms:
 *
 *   version int16, message                 values of the coordinators' records, control records, the members'
 *                                          protocol data, transaction indexes, producer snapshots
 *   record type int16, message             keys of the coordinators' records; the message's version is 0
 *   frame version, type, version, message  records of the metadata log: three unsigned varints, the first is 1
 */

export interface VersionedMessage<M extends Message> {
  readonly version: number;
  readonly value: MessageOf<M>;
}

/** Encodes a message behind its version. */
export function encodeVersioned<M extends Message>(
  message: M,
  version: number,
  value: MessageInput<M>,
): Buffer {
  return encodePartsToBuffer([int16Part(version), part(message, version, value)]);
}

/**
 * Decodes a message behind its version. Bytes that follow the message are ignored, as Kafka does: clients write some
 * of these messages.
 * @returns a failure with UNSUPPORTED_VERSION for a version that the declaration lacks, INVALID_REQUEST for bytes
 * that are no such message
 */
export function decodeVersioned<M extends Message>(
  message: M,
  buffer: Buffer,
): VersionedMessage<M> | Failure {
  const reader = new Reader(buffer);
  let version = -1;
  try {
    version = reader.int16();
    if (!includesVersion(message.versions, version)) return unsupported(message, version);
    return { version, value: read(message, version, reader) };
  } catch (error) {
    return malformedFailure(`${message.name} version ${version}`, error);
  }
}

function unsupported(message: Message, version: number): Failure {
  return new Failure(
    Errors.UNSUPPORTED_VERSION,
    `Cannot decode ${message.name} version ${version}: known are the versions ${message.versions}`,
  );
}

const RECORD_KEY_VERSION = 0;

/** Encodes the key of a coordinator's record; its declaration's `key` is the record type. */
export function encodeRecordKey<M extends Message>(message: M, value: MessageInput<M>): Buffer {
  return encodePartsToBuffer([int16Part(message.key!), part(message, RECORD_KEY_VERSION, value)]);
}

/** The record type before the key of a coordinator's record; undefined when the bytes are too few. */
export function recordTypeOf(key: Buffer): number | undefined {
  return key.length < 2 ? undefined : key.readInt16BE(0);
}

/** Decodes the key of a coordinator's record, whose type {@link recordTypeOf} has told to be the declaration's. */
export function decodeRecordKey<M extends Message>(message: M, key: Buffer): MessageOf<M> | Failure {
  return decode(message, RECORD_KEY_VERSION, key.subarray(2));
}

const METADATA_FRAME_VERSION = 1;

/** Encodes a record of the metadata log (or of the remote log's metadata topic). */
export function encodeMetadataRecord<M extends Message>(
  message: M,
  version: number,
  value: MessageInput<M>,
): Buffer {
  return encodePartsToBuffer([
    unsignedVarintPart(METADATA_FRAME_VERSION),
    unsignedVarintPart(message.key!),
    unsignedVarintPart(version),
    part(message, version, value),
  ]);
}

/** A decoded record of the metadata log: `value` is of the declaration `message`. */
export interface MetadataRecord<M extends Message = Message> extends VersionedMessage<M> {
  readonly message: M;
}

/**
 * Decodes a record of the metadata log.
 * @param declarations by record type
 * @returns a failure with UNSUPPORTED_VERSION for a frame, type or version that is not known here, INVALID_REQUEST
 * for bytes that are no such record
 */
export function decodeMetadataRecord(
  declarations: ReadonlyMap<number, Message>,
  buffer: Buffer,
): MetadataRecord | Failure {
  const reader = new Reader(buffer);
  let type = -1;
  try {
    const frameVersion = reader.unsignedVarint();
    if (frameVersion !== METADATA_FRAME_VERSION) return unknownRecord(`frame version ${frameVersion}`);
    type = reader.unsignedVarint();
    const message = declarations.get(type);
    if (message === undefined) return unknownRecord(`type ${type}`);
    const version = reader.unsignedVarint();
    if (!includesVersion(message.versions, version)) return unsupported(message, version);
    const value = read(message, version, reader);
    if (reader.remaining > 0) throw new Malformed(`${reader.remaining} bytes are left over`);
    return { message, version, value };
  } catch (error) {
    return malformedFailure(`a metadata record of type ${type}`, error);
  }
}

function unknownRecord(what: string): Failure {
  return new Failure(Errors.UNSUPPORTED_VERSION, `Cannot decode a metadata record: ${what} is not known`);
}
