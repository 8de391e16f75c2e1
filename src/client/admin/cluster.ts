import { ApiVersions, type ApiVersionsResponse } from '../../messages/18_api_versions.ts';
import { DescribeLogDirs } from '../../messages/35_describe_log_dirs.ts';
import { ElectLeaders } from '../../messages/43_elect_leaders.ts';
import { DescribeQuorum } from '../../messages/55_describe_quorum.ts';
import { DescribeCluster, type DescribeClusterResponse } from '../../messages/60_describe_cluster.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asNodeId, asPartitionIndex, type NodeId } from '../../model/ids.ts';
import type { MessageOf } from '../../protocol/schema.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { groupByTopic, partitionKey, type TopicPartition } from '../topic_partition.ts';
import { answeredFailure, type Outcome } from './answers.ts';

/** From this version on fenced brokers are told, when they are asked for. */
const FIRST_WITH_FENCED = 2;
/** The topic of the cluster's metadata, whose leader is the active controller. */
const METADATA_TOPIC = '__cluster_metadata';

export async function describeCluster(client: ClusterClient): Promise<DescribeClusterResponse | Failure> {
  return await client.request(
    'any',
    DescribeCluster,
    version => ({
      includeClusterAuthorizedOperations: false,
      includeFencedBrokers: version >= FIRST_WITH_FENCED,
    }),
    {
      errorOf: ({ errorCode, errorMessage }) =>
        answeredFailure(errorCode, errorMessage, 'Cannot describe the cluster'),
    },
  );
}

export async function apiVersionsOf(
  client: ClusterClient,
  nodeId: NodeId,
): Promise<ApiVersionsResponse | Failure> {
  return await client.request(
    { node: nodeId },
    ApiVersions,
    { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' },
    {
      maxVersion: 4,
      errorOf: ({ errorCode }) =>
        answeredFailure(errorCode, undefined, `Cannot ask ${nodeId} for its versions`),
    },
  );
}

type QuorumPartition = MessageOf<typeof DescribeQuorum.response>['topics'][number]['partitions'][number];

export interface QuorumDescription extends QuorumPartition {
  /** Where its voters listen; empty from brokers that do not tell it. */
  readonly nodes: MessageOf<typeof DescribeQuorum.response>['nodes'];
}

/** The quorum of the controllers: its leader, and how far each replica is. */
export async function describeQuorum(client: ClusterClient): Promise<QuorumDescription | Failure> {
  const what = 'Cannot describe the quorum';
  const response = await client.request(
    'any',
    DescribeQuorum,
    { topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }] },
    {
      errorOf: ({ errorCode, errorMessage, topics }) => {
        const partition = topics[0]?.partitions[0];
        return (
          answeredFailure(errorCode, errorMessage, what) ??
          answeredFailure(partition?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR, partition?.errorMessage, what)
        );
      },
    },
  );
  if (failed(response)) return response;
  return { ...response.topics[0]!.partitions[0]!, nodes: response.nodes };
}

export type LogDirs = MessageOf<typeof DescribeLogDirs.response>['results'];

/** The log directories of a broker, with the sizes of the partitions in them: all, or those of some topics. */
export async function describeLogDirs(
  client: ClusterClient,
  nodeId: NodeId,
  partitions?: readonly TopicPartition[],
): Promise<LogDirs | Failure> {
  const topics =
    partitions === undefined
      ? null
      : Array.from(groupByTopic(partitions), ([topic, group]) => ({
          topic,
          partitions: group.map(({ partition }) => partition),
        }));
  const response = await client.request(
    { node: nodeId },
    DescribeLogDirs,
    { topics },
    {
      errorOf: ({ errorCode }) =>
        answeredFailure(errorCode, undefined, `Cannot describe the log directories of broker ${nodeId}`),
    },
  );
  return failed(response) ? response : response.results;
}

/**
 * Makes the preferred replicas leaders, or, where none is in sync, any that is alive (`isUnclean`: what only the lost
 * ones had is lost).
 * @param partitions all without it
 * @returns those that were looked at; ELECTION_NOT_NEEDED is no failure
 */
export async function electLeaders(
  client: ClusterClient,
  partitions: readonly TopicPartition[] | undefined,
  { isUnclean }: { readonly isUnclean: boolean },
): Promise<Outcome[] | Failure> {
  const topicPartitions =
    partitions === undefined
      ? null
      : Array.from(groupByTopic(partitions), ([topic, group]) => ({
          topic,
          partitions: group.map(({ partition }) => partition),
        }));
  const what = 'Cannot elect leaders';
  const response = await client.request(
    'controller',
    ElectLeaders,
    { electionType: isUnclean ? 1 : 0, topicPartitions, timeoutMs: client.timeouts.requestTimeoutMs },
    { minVersion: 1, errorOf: ({ errorCode }) => answeredFailure(errorCode, undefined, what) },
  );
  if (failed(response)) return response;
  return response.replicaElectionResults.flatMap(({ partitionResult, topic }) =>
    partitionResult.map(({ errorCode, errorMessage, partitionId }) => {
      const name = partitionKey({ topic, partition: asPartitionIndex(partitionId) });
      const isNeedless = errorCode === Errors.ELECTION_NOT_NEEDED;
      return {
        name,
        failure: isNeedless
          ? undefined
          : answeredFailure(errorCode, errorMessage, `Cannot elect a leader of ${name}`),
      };
    }),
  );
}

/** The broker with that id, also one that is not alive; a failure that names those that there are. */
export async function findBroker(
  client: ClusterClient,
  nodeId: number,
): Promise<DescribeClusterResponse['brokers'][number] | Failure> {
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const found = cluster.brokers.find(({ brokerId }) => brokerId === asNodeId(nodeId));
  if (found !== undefined) return found;
  const ids = cluster.brokers.map(({ brokerId }) => brokerId).sort((left, right) => left - right);
  return new Failure(
    Errors.BROKER_NOT_AVAILABLE,
    `There is no broker ${nodeId}: the cluster has ${ids.join(', ')}`,
  );
}
