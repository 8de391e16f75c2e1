import { RegisterBrokerRecord } from '../messages/metadata/00_register_broker_record.ts';
import { UnregisterBrokerRecord } from '../messages/metadata/01_unregister_broker_record.ts';
import { TopicRecord } from '../messages/metadata/02_topic_record.ts';
import { PartitionRecord } from '../messages/metadata/03_partition_record.ts';
import { ConfigRecord } from '../messages/metadata/04_config_record.ts';
import { PartitionChangeRecord } from '../messages/metadata/05_partition_change_record.ts';
import { FenceBrokerRecord } from '../messages/metadata/07_fence_broker_record.ts';
import { UnfenceBrokerRecord } from '../messages/metadata/08_unfence_broker_record.ts';
import { RemoveTopicRecord } from '../messages/metadata/09_remove_topic_record.ts';
import { DelegationTokenRecord } from '../messages/metadata/10_delegation_token_record.ts';
import { UserScramCredentialRecord } from '../messages/metadata/11_user_scram_credential_record.ts';
import { FeatureLevelRecord } from '../messages/metadata/12_feature_level_record.ts';
import { ClientQuotaRecord } from '../messages/metadata/14_client_quota_record.ts';
import { ProducerIdsRecord } from '../messages/metadata/15_producer_ids_record.ts';
import { BrokerRegistrationChangeRecord } from '../messages/metadata/17_broker_registration_change_record.ts';
import { AccessControlEntryRecord } from '../messages/metadata/18_access_control_entry_record.ts';
import { RemoveAccessControlEntryRecord } from '../messages/metadata/19_remove_access_control_entry_record.ts';
import { NoOpRecord } from '../messages/metadata/20_no_op_record.ts';
import { ZkMigrationStateRecord } from '../messages/metadata/21_zk_migration_state_record.ts';
import { RemoveUserScramCredentialRecord } from '../messages/metadata/22_remove_user_scram_credential_record.ts';
import { BeginTransactionRecord } from '../messages/metadata/23_begin_transaction_record.ts';
import { EndTransactionRecord } from '../messages/metadata/24_end_transaction_record.ts';
import { AbortTransactionRecord } from '../messages/metadata/25_abort_transaction_record.ts';
import { RemoveDelegationTokenRecord } from '../messages/metadata/26_remove_delegation_token_record.ts';
import { RegisterControllerRecord } from '../messages/metadata/27_register_controller_record.ts';
import { ClearElrRecord } from '../messages/metadata/28_clear_elr_record.ts';
import { UnregisterControllerRecord } from '../messages/metadata/29_unregister_controller_record.ts';
import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { Encoding, read } from '../protocol/codec.ts';
import { Malformed } from '../protocol/malformed.ts';
import { Reader } from '../protocol/reader.ts';
import { int8, type Message, type MessageOf, message } from '../protocol/schema.ts';
import { includesVersion } from '../protocol/versions.ts';
import { METADATA_VERSION_FEATURE } from './features.ts';
import { HIGHEST_METADATA_VERSION, LOWEST_METADATA_VERSION, metadataVersionOf } from './metadata_version.ts';

/*
 * The records of the metadata log, as values and as bytes: the value of a record of `__cluster_metadata` is a frame
 * version, the record's type and its version, each an unsigned varint, and the message (KIP-631).
 */

const DECLARATIONS = {
  RegisterBrokerRecord,
  UnregisterBrokerRecord,
  TopicRecord,
  PartitionRecord,
  ConfigRecord,
  PartitionChangeRecord,
  FenceBrokerRecord,
  UnfenceBrokerRecord,
  RemoveTopicRecord,
  DelegationTokenRecord,
  UserScramCredentialRecord,
  FeatureLevelRecord,
  ClientQuotaRecord,
  ProducerIdsRecord,
  BrokerRegistrationChangeRecord,
  AccessControlEntryRecord,
  RemoveAccessControlEntryRecord,
  NoOpRecord,
  ZkMigrationStateRecord,
  RemoveUserScramCredentialRecord,
  BeginTransactionRecord,
  EndTransactionRecord,
  AbortTransactionRecord,
  RemoveDelegationTokenRecord,
  RegisterControllerRecord,
  ClearElrRecord,
  UnregisterControllerRecord,
} as const;

type Declarations = typeof DECLARATIONS;
/** Kafka's name of a type of record: `TopicRecord`. */
export type MetadataRecordType = keyof Declarations;
export type MetadataRecordValue<Type extends MetadataRecordType> = MessageOf<Declarations[Type]>;

/** A record of the metadata log. */
export type MetadataRecord = {
  [Type in MetadataRecordType]: {
    readonly type: Type;
    /** Of the message, not of the frame. */
    readonly version: number;
    readonly value: MetadataRecordValue<Type>;
  };
}[MetadataRecordType];

export function metadataRecord<Type extends MetadataRecordType>(
  type: Type,
  version: number,
  value: MetadataRecordValue<Type>,
): MetadataRecord {
  return { type, version, value } as MetadataRecord;
}

const FRAME_VERSION = 1;
const TYPES = new Map<number, MetadataRecordType>(
  Object.entries(DECLARATIONS).map(([type, { key }]) => [key ?? -1, type as MetadataRecordType]),
);

/** What stands before the message: varints in the log, and one byte each as long as all are below 128. */
const Frame = message(
  { name: 'MetadataRecordFrame', versions: '0', flexible: 'none' },
  { frameVersion: int8('0'), type: int8('0'), version: int8('0') },
);

/** The record as it stands in the log. */
export function encodeMetadataRecord(record: MetadataRecord): Buffer {
  const declaration: Message = DECLARATIONS[record.type];
  const type = declaration.key ?? -1;
  assert(type >= 0 && type < 128 && record.version < 128, `${record.type} does not fit the short frame`);
  const frame = { frameVersion: FRAME_VERSION, type, version: record.version };
  const { chunks } = new Encoding()
    .add(Frame, 0, frame)
    .add(declaration, record.version, record.value)
    .finish();
  assert(chunks.length === 1, `${record.type} is encoded in ${chunks.length} chunks`);
  return chunks[0]!;
}

/**
 * Reads a record's value. `bytes` in it are views of `buffer`.
 * @returns UNSUPPORTED_VERSION for a type, a version or a metadata.version that only newer software knows: what it
 * means can't be skipped, so the node can't go on; INVALID_REQUEST for bytes that are no record
 */
export function decodeMetadataRecord(buffer: Buffer): MetadataRecord | Failure {
  const reader = new Reader(buffer);
  try {
    const frameVersion = reader.unsignedVarint();
    if (frameVersion !== FRAME_VERSION) return tooNew(`has frame version ${frameVersion}`);
    const key = reader.unsignedVarint();
    const version = reader.unsignedVarint();
    const type = TYPES.get(key);
    if (type === undefined) return tooNew(`has the type ${key}`);
    if (!includesVersion(DECLARATIONS[type].versions, version))
      return tooNew(`is a ${type} in version ${version}`);
    const record = readValue(type, version, reader);
    return unknownMetadataVersion(record) ?? record;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return new Failure(Errors.INVALID_REQUEST, `Cannot read a metadata record: ${error.message}`);
  }
}

function readValue(type: MetadataRecordType, version: number, reader: Reader): MetadataRecord {
  const value = read(DECLARATIONS[type] as Message, version, reader);
  if (reader.remaining > 0) throw new Malformed(`${reader.remaining} bytes are left over after a ${type}`);
  return { type, version, value } as MetadataRecord;
}

function unknownMetadataVersion({ type, value }: MetadataRecord): Failure | undefined {
  if (type !== 'FeatureLevelRecord' || value.name !== METADATA_VERSION_FEATURE) return undefined;
  if (metadataVersionOf(value.featureLevel) !== undefined) return undefined;
  return new Failure(
    Errors.UNSUPPORTED_VERSION,
    `The cluster runs at metadata.version ${value.featureLevel}, and this node knows ${LOWEST_METADATA_VERSION} to ` +
      `${HIGHEST_METADATA_VERSION}: run a version of Odradek that knows it`,
  );
}

function tooNew(what: string): Failure {
  return new Failure(
    Errors.UNSUPPORTED_VERSION,
    `Cannot read a metadata record: it ${what}, which this node does not know. The cluster runs at a newer ` +
      'metadata.version: run a version of Odradek that knows it',
  );
}
