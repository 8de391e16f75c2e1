import type { Message } from '../protocol/schema.ts';
import { ConsumerProtocolAssignment } from './consumer_protocol/consumer_protocol_assignment.ts';
import { ConsumerProtocolSubscription } from './consumer_protocol/consumer_protocol_subscription.ts';
import { AbortedTxn } from './control/aborted_txn.ts';
import { ControlRecordTypeSchema } from './control/control_record_type_schema.ts';
import { EndTxnMarker } from './control/end_txn_marker.ts';
import { KRaftVersionRecord } from './control/kraft_version_record.ts';
import { LeaderChangeMessage } from './control/leader_change_message.ts';
import { SnapshotFooterRecord } from './control/snapshot_footer_record.ts';
import { SnapshotHeaderRecord } from './control/snapshot_header_record.ts';
import { VotersRecord } from './control/voters_record.ts';
import { LegacyOffsetCommitKey, LegacyOffsetCommitValue } from './group/00_legacy_offset_commit.ts';
import { OffsetCommitKey, OffsetCommitValue } from './group/01_offset_commit.ts';
import { GroupMetadataKey, GroupMetadataValue } from './group/02_group_metadata.ts';
import { ConsumerGroupMetadataKey, ConsumerGroupMetadataValue } from './group/03_consumer_group_metadata.ts';
import {
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
} from './group/04_consumer_group_partition_metadata.ts';
import {
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
} from './group/05_consumer_group_member_metadata.ts';
import {
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from './group/06_consumer_group_target_assignment_metadata.ts';
import {
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
} from './group/07_consumer_group_target_assignment_member.ts';
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
} from './group/08_consumer_group_current_member_assignment.ts';
import {
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
} from './group/10_share_group_member_metadata.ts';
import { ShareGroupMetadataKey, ShareGroupMetadataValue } from './group/11_share_group_metadata.ts';
import {
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from './group/12_share_group_target_assignment_metadata.ts';
import {
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
} from './group/13_share_group_target_assignment_member.ts';
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
} from './group/14_share_group_current_member_assignment.ts';
import {
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
} from './group/15_share_group_state_partition_metadata.ts';
import {
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
} from './group/16_consumer_group_regular_expression.ts';
import { StreamsGroupMetadataKey, StreamsGroupMetadataValue } from './group/17_streams_group_metadata.ts';
import {
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue,
} from './group/19_streams_group_member_metadata.ts';
import {
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
} from './group/20_streams_group_target_assignment_metadata.ts';
import {
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
} from './group/21_streams_group_target_assignment_member.ts';
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
} from './group/22_streams_group_current_member_assignment.ts';
import { StreamsGroupTopologyKey, StreamsGroupTopologyValue } from './group/23_streams_group_topology.ts';
import { RegisterBrokerRecord } from './metadata/00_register_broker_record.ts';
import { UnregisterBrokerRecord } from './metadata/01_unregister_broker_record.ts';
import { TopicRecord } from './metadata/02_topic_record.ts';
import { PartitionRecord } from './metadata/03_partition_record.ts';
import { ConfigRecord } from './metadata/04_config_record.ts';
import { PartitionChangeRecord } from './metadata/05_partition_change_record.ts';
import { FenceBrokerRecord } from './metadata/07_fence_broker_record.ts';
import { UnfenceBrokerRecord } from './metadata/08_unfence_broker_record.ts';
import { RemoveTopicRecord } from './metadata/09_remove_topic_record.ts';
import { DelegationTokenRecord } from './metadata/10_delegation_token_record.ts';
import { UserScramCredentialRecord } from './metadata/11_user_scram_credential_record.ts';
import { FeatureLevelRecord } from './metadata/12_feature_level_record.ts';
import { ClientQuotaRecord } from './metadata/14_client_quota_record.ts';
import { ProducerIdsRecord } from './metadata/15_producer_ids_record.ts';
import { BrokerRegistrationChangeRecord } from './metadata/17_broker_registration_change_record.ts';
import { AccessControlEntryRecord } from './metadata/18_access_control_entry_record.ts';
import { RemoveAccessControlEntryRecord } from './metadata/19_remove_access_control_entry_record.ts';
import { NoOpRecord } from './metadata/20_no_op_record.ts';
import { ZkMigrationStateRecord } from './metadata/21_zk_migration_state_record.ts';
import { RemoveUserScramCredentialRecord } from './metadata/22_remove_user_scram_credential_record.ts';
import { BeginTransactionRecord } from './metadata/23_begin_transaction_record.ts';
import { EndTransactionRecord } from './metadata/24_end_transaction_record.ts';
import { AbortTransactionRecord } from './metadata/25_abort_transaction_record.ts';
import { RemoveDelegationTokenRecord } from './metadata/26_remove_delegation_token_record.ts';
import { RegisterControllerRecord } from './metadata/27_register_controller_record.ts';
import { ClearElrRecord } from './metadata/28_clear_elr_record.ts';
import { UnregisterControllerRecord } from './metadata/29_unregister_controller_record.ts';
import { DefaultPrincipalData } from './principal/default_principal_data.ts';
import { QuorumStateData } from './raft/quorum_state_data.ts';
import { ShareSnapshotKey, ShareSnapshotValue } from './share/00_share_snapshot.ts';
import { ShareUpdateKey, ShareUpdateValue } from './share/01_share_update.ts';
import { RemoteLogSegmentMetadataRecord } from './storage/00_remote_log_segment_metadata_record.ts';
import { RemoteLogSegmentMetadataUpdateRecord } from './storage/01_remote_log_segment_metadata_update_record.ts';
import { RemotePartitionDeleteMetadataRecord } from './storage/02_remote_partition_delete_metadata_record.ts';
import { RemoteLogSegmentMetadataSnapshotRecord } from './storage/03_remote_log_segment_metadata_snapshot_record.ts';
import { ProducerSnapshot } from './storage/producer_snapshot.ts';
import { TransactionLogKey, TransactionLogValue } from './transaction/00_transaction_log.ts';

/*
 * Every message that is no request or response, by the place where it is stored.
 */

/** Control records and what else stands in logs of any partition. */
export const CONTROL_MESSAGES: readonly Message[] = [
  AbortedTxn,
  ControlRecordTypeSchema,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
];

/** What members of classic consumer groups tell each other, opaque to the broker but for its tools. */
export const CONSUMER_PROTOCOL_MESSAGES: readonly Message[] = [
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
];

/** Who sent a forwarded request. */
export const PRINCIPAL_MESSAGES: readonly Message[] = [DefaultPrincipalData];

/** Records of the metadata log, in the order of their types. */
export const METADATA_MESSAGES: readonly Message[] = [
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
];

/** Records of `__consumer_offsets`, keys and values. */
export const GROUP_MESSAGES: readonly Message[] = [
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
  GroupMetadataKey,
  GroupMetadataValue,
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
  ShareGroupMetadataKey,
  ShareGroupMetadataValue,
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
  StreamsGroupMetadataKey,
  StreamsGroupMetadataValue,
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue,
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupTopologyKey,
  StreamsGroupTopologyValue,
];

/** Records of `__transaction_state`. */
export const TRANSACTION_MESSAGES: readonly Message[] = [TransactionLogKey, TransactionLogValue];

/** Records of `__share_group_state`. */
export const SHARE_MESSAGES: readonly Message[] = [
  ShareSnapshotKey,
  ShareSnapshotValue,
  ShareUpdateKey,
  ShareUpdateValue,
];

/** Files of the quorum. */
export const RAFT_MESSAGES: readonly Message[] = [QuorumStateData];

/** Files and records of the storage. */
export const STORAGE_MESSAGES: readonly Message[] = [
  ProducerSnapshot,
  RemoteLogSegmentMetadataRecord,
  RemoteLogSegmentMetadataSnapshotRecord,
  RemoteLogSegmentMetadataUpdateRecord,
  RemotePartitionDeleteMetadataRecord,
];
