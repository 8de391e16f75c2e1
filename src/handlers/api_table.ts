import { Produce } from '../messages/00_produce.ts';
import { Fetch } from '../messages/01_fetch.ts';
import { ListOffsets } from '../messages/02_list_offsets.ts';
import { Metadata } from '../messages/03_metadata.ts';
import { OffsetCommit } from '../messages/08_offset_commit.ts';
import { OffsetFetch } from '../messages/09_offset_fetch.ts';
import { FindCoordinator } from '../messages/10_find_coordinator.ts';
import { JoinGroup } from '../messages/11_join_group.ts';
import { Heartbeat } from '../messages/12_heartbeat.ts';
import { LeaveGroup } from '../messages/13_leave_group.ts';
import { SyncGroup } from '../messages/14_sync_group.ts';
import { DescribeGroups } from '../messages/15_describe_groups.ts';
import { ListGroups } from '../messages/16_list_groups.ts';
import { ApiVersions } from '../messages/18_api_versions.ts';
import { CreateTopics } from '../messages/19_create_topics.ts';
import { DeleteTopics } from '../messages/20_delete_topics.ts';
import { DeleteRecords } from '../messages/21_delete_records.ts';
import { InitProducerId } from '../messages/22_init_producer_id.ts';
import { OffsetForLeaderEpoch } from '../messages/23_offset_for_leader_epoch.ts';
import { DescribeConfigs } from '../messages/32_describe_configs.ts';
import { AlterConfigs } from '../messages/33_alter_configs.ts';
import { DescribeLogDirs } from '../messages/35_describe_log_dirs.ts';
import { CreatePartitions } from '../messages/37_create_partitions.ts';
import { DeleteGroups } from '../messages/42_delete_groups.ts';
import { ElectLeaders } from '../messages/43_elect_leaders.ts';
import { IncrementalAlterConfigs } from '../messages/44_incremental_alter_configs.ts';
import { AlterPartitionReassignments } from '../messages/45_alter_partition_reassignments.ts';
import { ListPartitionReassignments } from '../messages/46_list_partition_reassignments.ts';
import { OffsetDelete } from '../messages/47_offset_delete.ts';
import { DescribeClientQuotas } from '../messages/48_describe_client_quotas.ts';
import { AlterClientQuotas } from '../messages/49_alter_client_quotas.ts';
import { Vote } from '../messages/52_vote.ts';
import { BeginQuorumEpoch } from '../messages/53_begin_quorum_epoch.ts';
import { EndQuorumEpoch } from '../messages/54_end_quorum_epoch.ts';
import { DescribeQuorum } from '../messages/55_describe_quorum.ts';
import { AlterPartition } from '../messages/56_alter_partition.ts';
import { UpdateFeatures } from '../messages/57_update_features.ts';
import { Envelope } from '../messages/58_envelope.ts';
import { FetchSnapshot } from '../messages/59_fetch_snapshot.ts';
import { DescribeCluster } from '../messages/60_describe_cluster.ts';
import { DescribeProducers } from '../messages/61_describe_producers.ts';
import { BrokerRegistration } from '../messages/62_broker_registration.ts';
import { BrokerHeartbeat } from '../messages/63_broker_heartbeat.ts';
import { UnregisterBroker } from '../messages/64_unregister_broker.ts';
import { AllocateProducerIds } from '../messages/67_allocate_producer_ids.ts';
import { ControllerRegistration } from '../messages/70_controller_registration.ts';
import { AssignReplicasToDirs } from '../messages/73_assign_replicas_to_dirs.ts';
import { ListConfigResources } from '../messages/74_list_config_resources.ts';
import { DescribeTopicPartitions } from '../messages/75_describe_topic_partitions.ts';
import { AddRaftVoter } from '../messages/80_add_raft_voter.ts';
import { RemoveRaftVoter } from '../messages/81_remove_raft_voter.ts';
import { UpdateRaftVoter } from '../messages/82_update_raft_voter.ts';
import { UnregisterController } from '../messages/94_unregister_controller.ts';
import { handleProduce } from './00_produce.ts';
import { handleFetch } from './01_fetch.ts';
import { handleListOffsets } from './02_list_offsets.ts';
import { handleMetadata } from './03_metadata.ts';
import { handleOffsetCommit } from './08_offset_commit.ts';
import { handleOffsetFetch } from './09_offset_fetch.ts';
import { handleFindCoordinator } from './10_find_coordinator.ts';
import { handleJoinGroup } from './11_join_group.ts';
import { handleHeartbeat } from './12_heartbeat.ts';
import { handleLeaveGroup } from './13_leave_group.ts';
import { handleSyncGroup } from './14_sync_group.ts';
import { handleDescribeGroups } from './15_describe_groups.ts';
import { handleListGroups } from './16_list_groups.ts';
import { handleApiVersions } from './18_api_versions.ts';
import { handleCreateTopics } from './19_create_topics.ts';
import { handleDeleteTopics } from './20_delete_topics.ts';
import { handleDeleteRecords } from './21_delete_records.ts';
import { handleInitProducerId } from './22_init_producer_id.ts';
import { handleOffsetForLeaderEpoch } from './23_offset_for_leader_epoch.ts';
import { handleDescribeConfigs } from './32_describe_configs.ts';
import { handleAlterConfigs } from './33_alter_configs.ts';
import { handleDescribeLogDirs } from './35_describe_log_dirs.ts';
import { handleCreatePartitions } from './37_create_partitions.ts';
import { handleDeleteGroups } from './42_delete_groups.ts';
import { handleElectLeaders } from './43_elect_leaders.ts';
import { handleIncrementalAlterConfigs } from './44_incremental_alter_configs.ts';
import { handleAlterPartitionReassignments } from './45_alter_partition_reassignments.ts';
import { handleListPartitionReassignments } from './46_list_partition_reassignments.ts';
import { handleOffsetDelete } from './47_offset_delete.ts';
import { handleDescribeClientQuotas } from './48_describe_client_quotas.ts';
import { handleAlterClientQuotas } from './49_alter_client_quotas.ts';
import { handleVote } from './52_vote.ts';
import { handleBeginQuorumEpoch } from './53_begin_quorum_epoch.ts';
import { handleEndQuorumEpoch } from './54_end_quorum_epoch.ts';
import { handleDescribeQuorum } from './55_describe_quorum.ts';
import { handleAlterPartition } from './56_alter_partition.ts';
import { handleUpdateFeatures } from './57_update_features.ts';
import { handleEnvelope } from './58_envelope.ts';
import { handleFetchSnapshot } from './59_fetch_snapshot.ts';
import { handleDescribeCluster } from './60_describe_cluster.ts';
import { handleDescribeProducers } from './61_describe_producers.ts';
import { handleBrokerRegistration } from './62_broker_registration.ts';
import { handleBrokerHeartbeat } from './63_broker_heartbeat.ts';
import { handleUnregisterBroker } from './64_unregister_broker.ts';
import { handleAllocateProducerIds } from './67_allocate_producer_ids.ts';
import { handleControllerRegistration } from './70_controller_registration.ts';
import { handleAssignReplicasToDirs } from './73_assign_replicas_to_dirs.ts';
import { handleListConfigResources } from './74_list_config_resources.ts';
import { handleDescribeTopicPartitions } from './75_describe_topic_partitions.ts';
import { handleAddRaftVoter } from './80_add_raft_voter.ts';
import { handleRemoveRaftVoter } from './81_remove_raft_voter.ts';
import { handleUpdateRaftVoter } from './82_update_raft_voter.ts';
import { handleUnregisterController } from './94_unregister_controller.ts';
import { type ApiHandler, serve } from './api_handler.ts';

/** Decided by the active controller, wherever the client asks. */
const FORWARDED = { isForwardable: true } as const;
/** Decided or appended when it starts, and answered when that is committed. */
const IN_ORDER = { isPipelined: true } as const;

/**
 * Everything that this node answers, with the versions that it answers: what is not in it is not advertised. Which
 * listeners answer an API is what Kafka's declaration says of it.
 */
export const API_TABLE: readonly ApiHandler[] = [
  // librdkafka takes a lowest version above 0 for a broker that can't compress (KAFKA-18659).
  serve(Produce, '3-13', handleProduce, { advertisedLowest: 0, ...IN_ORDER }),
  serve(Fetch, '4-18', handleFetch),
  serve(ListOffsets, '1-11', handleListOffsets),
  serve(Metadata, '0-13', handleMetadata),
  serve(OffsetCommit, '2-10', handleOffsetCommit),
  serve(OffsetFetch, '1-10', handleOffsetFetch),
  serve(FindCoordinator, '0-6', handleFindCoordinator),
  serve(JoinGroup, '0-9', handleJoinGroup),
  serve(Heartbeat, '0-4', handleHeartbeat),
  serve(LeaveGroup, '0-5', handleLeaveGroup),
  serve(SyncGroup, '0-5', handleSyncGroup),
  serve(DescribeGroups, '0-6', handleDescribeGroups),
  serve(ListGroups, '0-5', handleListGroups),
  serve(ApiVersions, '0-5', handleApiVersions),
  serve(CreateTopics, '2-7', handleCreateTopics, FORWARDED),
  serve(DeleteTopics, '1-6', handleDeleteTopics, FORWARDED),
  serve(DeleteRecords, '0-2', handleDeleteRecords),
  serve(InitProducerId, '0-5', handleInitProducerId),
  serve(OffsetForLeaderEpoch, '2-4', handleOffsetForLeaderEpoch),
  serve(DescribeConfigs, '1-4', handleDescribeConfigs),
  serve(AlterConfigs, '0-2', handleAlterConfigs, FORWARDED),
  serve(DescribeLogDirs, '1-5', handleDescribeLogDirs),
  serve(CreatePartitions, '0-3', handleCreatePartitions, FORWARDED),
  serve(DeleteGroups, '0-3', handleDeleteGroups),
  serve(ElectLeaders, '0-2', handleElectLeaders, FORWARDED),
  serve(IncrementalAlterConfigs, '0-1', handleIncrementalAlterConfigs, FORWARDED),
  serve(AlterPartitionReassignments, '0-1', handleAlterPartitionReassignments, FORWARDED),
  serve(ListPartitionReassignments, '0', handleListPartitionReassignments, FORWARDED),
  serve(OffsetDelete, '0', handleOffsetDelete),
  serve(DescribeClientQuotas, '0-1', handleDescribeClientQuotas),
  serve(AlterClientQuotas, '0-1', handleAlterClientQuotas, FORWARDED),
  serve(Vote, '0-2', handleVote),
  serve(BeginQuorumEpoch, '0-1', handleBeginQuorumEpoch),
  serve(EndQuorumEpoch, '0-1', handleEndQuorumEpoch),
  serve(DescribeQuorum, '0-2', handleDescribeQuorum, FORWARDED),
  serve(AlterPartition, '2-3', handleAlterPartition, IN_ORDER),
  serve(UpdateFeatures, '0-2', handleUpdateFeatures, FORWARDED),
  serve(Envelope, '0', handleEnvelope, IN_ORDER),
  serve(FetchSnapshot, '0-1', handleFetchSnapshot),
  serve(DescribeCluster, '0-2', handleDescribeCluster),
  serve(DescribeProducers, '0', handleDescribeProducers),
  serve(BrokerRegistration, '0-4', handleBrokerRegistration),
  serve(BrokerHeartbeat, '0-2', handleBrokerHeartbeat),
  serve(UnregisterBroker, '0', handleUnregisterBroker, FORWARDED),
  serve(AllocateProducerIds, '0', handleAllocateProducerIds, IN_ORDER),
  serve(ControllerRegistration, '0', handleControllerRegistration),
  serve(AssignReplicasToDirs, '0', handleAssignReplicasToDirs, IN_ORDER),
  serve(ListConfigResources, '0-1', handleListConfigResources),
  serve(DescribeTopicPartitions, '0', handleDescribeTopicPartitions),
  serve(AddRaftVoter, '0-1', handleAddRaftVoter, FORWARDED),
  serve(RemoveRaftVoter, '0', handleRemoveRaftVoter, FORWARDED),
  serve(UpdateRaftVoter, '0', handleUpdateRaftVoter),
  serve(UnregisterController, '0', handleUnregisterController, FORWARDED),
];
