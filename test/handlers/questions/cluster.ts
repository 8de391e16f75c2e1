import { FindCoordinator } from '../../../src/messages/10_find_coordinator.ts';
import { ApiVersions } from '../../../src/messages/18_api_versions.ts';
import { DescribeLogDirs } from '../../../src/messages/35_describe_log_dirs.ts';
import { ElectLeaders } from '../../../src/messages/43_elect_leaders.ts';
import { AlterPartitionReassignments } from '../../../src/messages/45_alter_partition_reassignments.ts';
import { ListPartitionReassignments } from '../../../src/messages/46_list_partition_reassignments.ts';
import { DescribeQuorum } from '../../../src/messages/55_describe_quorum.ts';
import { UpdateFeatures } from '../../../src/messages/57_update_features.ts';
import { DescribeCluster } from '../../../src/messages/60_describe_cluster.ts';
import { UnregisterBroker } from '../../../src/messages/64_unregister_broker.ts';
import { ask, type Question } from './question.ts';

export const clusterQuestions: Readonly<Record<string, Question>> = {
  dq: ask(DescribeQuorum, 2, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  }),
  'dq other': ask(DescribeQuorum, 2, {
    topics: [{ topicName: 'data', partitions: [{ partitionIndex: 0 }] }],
  }),
  'dq part 1': ask(DescribeQuorum, 1, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 1 }] }],
  }),
  'dq none': ask(DescribeQuorum, 1, { topics: [] }),
  'dq v0': ask(DescribeQuorum, 0, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  }),
  cluster: ask(DescribeCluster, 2, {
    includeClusterAuthorizedOperations: true,
    endpointType: 1,
    includeFencedBrokers: true,
  }),
  'cluster 2': ask(DescribeCluster, 2, {
    includeClusterAuthorizedOperations: false,
    endpointType: 2,
    includeFencedBrokers: false,
  }),
  'cluster 9': ask(DescribeCluster, 1, { includeClusterAuthorizedOperations: false, endpointType: 9 }),
  'el pref': ask(ElectLeaders, 2, {
    electionType: 0,
    topicPartitions: [
      { topic: 'data', partitions: [0, 9] },
      { topic: 'nope', partitions: [0] },
    ],
    timeoutMs: 5000,
  }),
  'el unclean': ask(ElectLeaders, 2, {
    electionType: 1,
    topicPartitions: [{ topic: 'data', partitions: [0] }],
    timeoutMs: 5000,
  }),
  'el all': ask(ElectLeaders, 2, { electionType: 0, topicPartitions: null, timeoutMs: 5000 }),
  'el type 7': ask(ElectLeaders, 2, {
    electionType: 7,
    topicPartitions: [{ topic: 'data', partitions: [0] }],
    timeoutMs: 5000,
  }),
  'el empty': ask(ElectLeaders, 2, { electionType: 0, topicPartitions: [], timeoutMs: 5000 }),
  'el v0': ask(ElectLeaders, 0, { topicPartitions: [{ topic: 'data', partitions: [0] }], timeoutMs: 5000 }),
  'uf unknown': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'nope', maxVersionLevel: 1 }],
    timeoutMs: 5000,
  }),
  'uf mv same': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'metadata.version', maxVersionLevel: 29 }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf mv high': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'metadata.version', maxVersionLevel: 200 }],
    timeoutMs: 5000,
  }),
  'uf mv down': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'metadata.version', maxVersionLevel: 8 }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf mv down safe': ask(UpdateFeatures, 2, {
    featureUpdates: [
      { allowDowngrade: false, feature: 'metadata.version', maxVersionLevel: 26, upgradeType: 2 },
    ],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf group 0': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'group.version', maxVersionLevel: 0, upgradeType: 2 }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf group 1': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'group.version', maxVersionLevel: 1 }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf elr': ask(UpdateFeatures, 2, {
    featureUpdates: [
      { allowDowngrade: false, feature: 'eligible.leader.replicas.version', maxVersionLevel: 1 },
    ],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf type 9': ask(UpdateFeatures, 2, {
    featureUpdates: [{ allowDowngrade: false, feature: 'group.version', maxVersionLevel: 1, upgradeType: 9 }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'uf empty': ask(UpdateFeatures, 2, { featureUpdates: [], timeoutMs: 5000 }),
  'uf v1 unknown': ask(UpdateFeatures, 1, {
    featureUpdates: [{ allowDowngrade: false, feature: 'nope', maxVersionLevel: 1 }],
    timeoutMs: 5000,
  }),
  'uf v0': ask(UpdateFeatures, 0, {
    featureUpdates: [{ allowDowngrade: false, feature: 'nope', maxVersionLevel: 1 }],
    timeoutMs: 5000,
  }),
  'av bad name': ask(ApiVersions, 3, { clientSoftwareName: 'x y', clientSoftwareVersion: '1' }),
  'av empty': ask(ApiVersions, 3, { clientSoftwareName: '', clientSoftwareVersion: '' }),
  'dld none': ask(DescribeLogDirs, 4, { topics: [] }),
  'fc tx v1': ask(FindCoordinator, 1, { key: 'x', keyType: 9 }),
  'fc v4': ask(FindCoordinator, 4, { keyType: 9, coordinatorKeys: ['a'] }),
  lpr: ask(ListPartitionReassignments, 0, { topics: null, timeoutMs: 5000 }),
  'lpr named': ask(ListPartitionReassignments, 0, {
    topics: [
      { name: 'data', partitionIndexes: [0, 9] },
      { name: 'nope', partitionIndexes: [0] },
    ],
    timeoutMs: 5000,
  }),
  apr: ask(AlterPartitionReassignments, 0, {
    timeoutMs: 5000,
    topics: [
      {
        name: 'data',
        partitions: [
          { partitionIndex: 0, replicas: [9] },
          { partitionIndex: 1, replicas: [] },
          { partitionIndex: 2, replicas: null },
          { partitionIndex: 7, replicas: [1] },
        ],
      },
      { name: 'nope', partitions: [{ partitionIndex: 0, replicas: [1] }] },
    ],
  }),
  unreg: ask(UnregisterBroker, 0, { brokerId: 77 }),
};
