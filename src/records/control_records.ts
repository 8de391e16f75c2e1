import { ControlRecordTypeSchema } from '../messages/control/control_record_type_schema.ts';
import { EndTxnMarker } from '../messages/control/end_txn_marker.ts';
import { KRaftVersionRecord } from '../messages/control/kraft_version_record.ts';
import { LeaderChangeMessage } from '../messages/control/leader_change_message.ts';
import { SnapshotFooterRecord } from '../messages/control/snapshot_footer_record.ts';
import { SnapshotHeaderRecord } from '../messages/control/snapshot_header_record.ts';
import { VotersRecord } from '../messages/control/voters_record.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { encodeToBuffer, malformedFailure, read } from '../protocol/codec.ts';
import { Reader } from '../protocol/reader.ts';
import type { Message, MessageInput, MessageOf } from '../protocol/schema.ts';
import { encodeVersioned } from '../protocol/stored.ts';
import { type BatchOptions, buildBatch, type RecordInput } from './build_batch.ts';
import type { Record } from './record.ts';
import type { RecordBatch } from './record_batch.ts';

/*
 * Control records: markers in the log that consumers never see. The key is a version (int16) and the type (int16).
 * The values of the markers that end a transaction have their version before them; those of the quorum (KIP-595,
 * KIP-853) have none and are always written in version 0, whatever their own `version` field says.
 */

const KEY_VERSION = 0;
const VALUE_VERSION = 0;
const VERSION_BYTES = 2;

/** The values of the quorum's control records, by the type's name. */
const QUORUM_VALUES = {
  LEADER_CHANGE: LeaderChangeMessage,
  SNAPSHOT_HEADER: SnapshotHeaderRecord,
  SNAPSHOT_FOOTER: SnapshotFooterRecord,
  KRAFT_VERSION: KRaftVersionRecord,
  KRAFT_VOTERS: VotersRecord,
} as const;

/** The types' names, in the order of their ids from 0. */
const TYPE_NAMES = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const;

type QuorumType = keyof typeof QUORUM_VALUES;
export type ControlRecordType = (typeof TYPE_NAMES)[number];

/** The end of a producer's transaction. */
export interface EndTransactionMarker {
  readonly type: 'COMMIT' | 'ABORT';
  /** The leader epoch of the coordinator's partition: fences markers of coordinators that were replaced. */
  readonly coordinatorEpoch: number;
}

/** A control record as it was read. A type that this release does not know is to be passed over. */
export type ControlRecord =
  | EndTransactionMarker
  | {
      [Type in QuorumType]: { readonly type: Type; readonly value: MessageOf<(typeof QUORUM_VALUES)[Type]> };
    }[QuorumType]
  | { readonly type: 'UNKNOWN'; readonly typeId: number };

/** A control record that is to be written. */
export type ControlRecordInput =
  | EndTransactionMarker
  | {
      [Type in QuorumType]: {
        readonly type: Type;
        readonly value: MessageInput<(typeof QUORUM_VALUES)[Type]>;
      };
    }[QuorumType];

/**
 * Builds a control batch. Producers' ids and epochs go into the options of those that end transactions.
 * @param timestamp of all its records, milliseconds since 1970
 */
export function buildControlBatch(
  records: readonly ControlRecordInput[],
  { timestamp, ...options }: Omit<BatchOptions, 'compression' | 'isControl'> & { readonly timestamp: bigint },
): RecordBatch {
  const inputs = records.map(
    (record): RecordInput => ({ timestamp, key: encodeKey(record.type), value: encodeValue(record) }),
  );
  return buildBatch(inputs, { ...options, isControl: true });
}

function encodeKey(type: ControlRecordType): Buffer {
  return encodeVersioned(ControlRecordTypeSchema, KEY_VERSION, { type: TYPE_NAMES.indexOf(type) });
}

function encodeValue(record: ControlRecordInput): Buffer {
  if ('coordinatorEpoch' in record) {
    return encodeVersioned(EndTxnMarker, VALUE_VERSION, { coordinatorEpoch: record.coordinatorEpoch });
  }
  const declaration: Message = QUORUM_VALUES[record.type];
  return encodeToBuffer(declaration, VALUE_VERSION, record.value as MessageInput<typeof declaration>);
}

/**
 * Reads a record of a control batch. As Kafka does, it takes versions above its own and bytes behind what it knows:
 * later versions only add.
 * @returns INVALID_RECORD when it is not what its type says
 */
export function readControlRecord(record: Pick<Record, 'key' | 'value'>): ControlRecord | Failure {
  const key = readVersioned(ControlRecordTypeSchema, record.key, 'key');
  if (failed(key)) return key;
  const type = TYPE_NAMES[key.type];
  if (type === undefined) return { type: 'UNKNOWN', typeId: key.type };
  if (type === 'COMMIT' || type === 'ABORT') {
    const marker = readVersioned(EndTxnMarker, record.value, 'value');
    return failed(marker) ? marker : { type, coordinatorEpoch: marker.coordinatorEpoch };
  }
  const declaration: Message = QUORUM_VALUES[type];
  const value = readMessage(declaration, record.value, { what: 'value', position: 0 });
  return failed(value) ? value : ({ type, value } as ControlRecord);
}

function readVersioned<M extends Message>(
  declaration: M,
  bytes: Buffer | null,
  what: string,
): MessageOf<M> | Failure {
  const version = bytes !== null && bytes.length >= VERSION_BYTES ? bytes.readInt16BE(0) : 0;
  if (version < 0) return invalid(`the ${what} of a control record has the version ${version}`);
  return readMessage(declaration, bytes, { what, position: VERSION_BYTES });
}

function readMessage<M extends Message>(
  declaration: M,
  bytes: Buffer | null,
  { what, position }: { readonly what: string; readonly position: number },
): MessageOf<M> | Failure {
  if (bytes === null || bytes.length < position) {
    return invalid(`the ${what} of a control record has ${bytes === null ? 'no' : bytes.length} bytes`);
  }
  try {
    return read(declaration, VALUE_VERSION, new Reader(bytes, position));
  } catch (error) {
    return invalid(malformedFailure(`${declaration.name} version ${VALUE_VERSION}`, error).message);
  }
}

function invalid(text: string): Failure {
  return new Failure(Errors.INVALID_RECORD, text);
}
