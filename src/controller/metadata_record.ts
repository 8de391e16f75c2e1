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
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Message, MessageOf } from '../protocol/schema.ts';
import {
  decodeMetadataRecord as decodeStored,
  encodeMetadataRecord as encodeStored,
} from '../protocol/stored.ts';
import { METADATA_VERSION_FEATURE } from './features.ts';
import { HIGHEST_METADATA_VERSION, LOWEST_METADATA_VERSION, metadataVersionOf } from './metadata_version.ts';

/*
 * The records of the metadata log (KIP-631), as values and as bytes.
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

const BY_KEY: ReadonlyMap<number, Message> = new Map(
  Object.values(DECLARATIONS).map(declaration => [declaration.key ?? -1, declaration]),
);

/** The record as it stands in the log. */
export function encodeMetadataRecord(record: MetadataRecord): Buffer {
  return encodeStored(DECLARATIONS[record.type] as Message, record.version, record.value);
}

/**
 * Reads a record's value. `bytes` in it are views of `buffer`.
 * @returns UNSUPPORTED_VERSION for a type, a version or a metadata.version that only newer software knows: what it
 * means can't be skipped, so the node can't go on; INVALID_REQUEST for bytes that are no record
 */
export function decodeMetadataRecord(buffer: Buffer): MetadataRecord | Failure {
  const stored = decodeStored(BY_KEY, buffer);
  if (failed(stored)) return stored;
  const { message, version, value } = stored;
  const record = { type: message.name, version, value } as unknown as MetadataRecord;
  return unknownMetadataVersion(record) ?? record;
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
