import { DescribeGroups } from '../../messages/15_describe_groups.ts';
import { ListGroups } from '../../messages/16_list_groups.ts';
import { DeleteGroups } from '../../messages/42_delete_groups.ts';
import { OffsetDelete } from '../../messages/47_offset_delete.ts';
import { ConsumerGroupDescribe } from '../../messages/69_consumer_group_describe.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asNodeId, asPartitionIndex, type NodeId } from '../../model/ids.ts';
import type { ClusterClient, Target } from '../cluster_client.ts';
import { decodeAssignment } from '../group/subscription.ts';
import { groupByTopic, partitionKey, type TopicPartition } from '../topic_partition.ts';
import { answeredFailure, type Outcome } from './answers.ts';

export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  /** Empty from brokers that do not tell it; so is the type. */
  readonly state: string;
  readonly type: string;
  readonly coordinator: NodeId;
}

/** The groups of all brokers; a broker that does not answer is a failure, since its groups would be missing. */
export async function listGroups(client: ClusterClient): Promise<ListedGroup[] | Failure> {
  const refreshed = await client.refreshMetadata();
  if (refreshed !== undefined) return refreshed;
  const answers = await Promise.all(
    [...client.metadata.brokers.keys()].map(async nodeId => {
      const response = await client.request(
        { node: nodeId },
        ListGroups,
        { statesFilter: [], typesFilter: [] },
        {
          errorOf: ({ errorCode }) =>
            answeredFailure(errorCode, undefined, `Cannot list the groups of broker ${nodeId}`),
        },
      );
      if (failed(response)) return response;
      return response.groups.map(({ groupId, groupState, groupType, protocolType }) => ({
        groupId,
        protocolType,
        state: groupState,
        type: groupType,
        coordinator: nodeId,
      }));
    }),
  );
  const failure = answers.find(failed);
  if (failure !== undefined) return failure;
  return (answers as ListedGroup[][]).flat().sort((left, right) => (left.groupId < right.groupId ? -1 : 1));
}

export interface DescribedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly partitions: readonly TopicPartition[];
}

export interface DescribedGroup {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer';
  readonly state: string;
  readonly assignor: string;
  readonly coordinator: NodeId;
  readonly members: readonly DescribedMember[];
}

const coordinatorOf = (groupId: string): Target => ({ coordinatorOf: { type: 'group', key: groupId } });

/** A group with its members and what each reads, of either protocol. */
export async function describeGroup(
  client: ClusterClient,
  groupId: string,
): Promise<DescribedGroup | Failure> {
  const modern = await describeModern(client, groupId);
  if (!failed(modern) || !isNotModern(modern)) return modern;
  return await describeClassic(client, groupId);
}

/** Not a group of the new protocol, or a broker that does not know it. */
function isNotModern({ code }: Failure): boolean {
  return code === Errors.UNSUPPORTED_VERSION || code === Errors.GROUP_ID_NOT_FOUND;
}

async function describeModern(client: ClusterClient, groupId: string): Promise<DescribedGroup | Failure> {
  const response = await client.request(
    coordinatorOf(groupId),
    ConsumerGroupDescribe,
    { groupIds: [groupId], includeAuthorizedOperations: false },
    { errorOf: ({ groups: [group] }) => groupFailure(group, groupId) },
  );
  if (failed(response)) return response;
  const { assignorName, groupState, members } = response.groups[0]!;
  return {
    groupId,
    type: 'consumer',
    state: groupState,
    assignor: assignorName,
    coordinator: await coordinatorId(client, groupId),
    members: members.map(({ assignment, clientHost, clientId, instanceId, memberId }) => ({
      memberId,
      groupInstanceId: instanceId,
      clientId,
      clientHost,
      partitions: assignment.topicPartitions.flatMap(({ partitions, topicName }) =>
        partitions.map(partition => ({ topic: topicName, partition: asPartitionIndex(partition) })),
      ),
    })),
  };
}

async function describeClassic(client: ClusterClient, groupId: string): Promise<DescribedGroup | Failure> {
  const response = await client.request(
    coordinatorOf(groupId),
    DescribeGroups,
    { groups: [groupId], includeAuthorizedOperations: false },
    { errorOf: ({ groups: [group] }) => groupFailure(group, groupId) },
  );
  if (failed(response)) return response;
  const { groupState, members, protocolData } = response.groups[0]!;
  if (groupState === 'Dead') return unknownGroup(groupId);
  return {
    groupId,
    type: 'classic',
    state: groupState,
    assignor: protocolData,
    coordinator: await coordinatorId(client, groupId),
    members: members.map(({ clientHost, clientId, groupInstanceId, memberAssignment, memberId }) => {
      const partitions = decodeAssignment(memberAssignment);
      return {
        memberId,
        groupInstanceId,
        clientId,
        clientHost,
        partitions: failed(partitions) ? [] : partitions,
      };
    }),
  };
}

async function coordinatorId(client: ClusterClient, groupId: string): Promise<NodeId> {
  const endpoint = await client.findCoordinator({ type: 'group', key: groupId });
  return failed(endpoint) ? asNodeId(-1) : endpoint;
}

function groupFailure(
  group: { readonly errorCode: number; readonly errorMessage: string | null } | undefined,
  groupId: string,
): Failure | undefined {
  const code = group?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR;
  return answeredFailure(code, group?.errorMessage, `Cannot describe the group "${groupId}"`);
}

function unknownGroup(groupId: string): Failure {
  return new Failure(Errors.GROUP_ID_NOT_FOUND, `There is no group "${groupId}"`);
}

/** Deletes groups that have no members, with their offsets. */
export async function deleteGroups(client: ClusterClient, groupIds: readonly string[]): Promise<Outcome[]> {
  return await Promise.all(
    groupIds.map(async groupId => {
      const what = `Cannot delete the group "${groupId}"`;
      const response = await client.request(
        coordinatorOf(groupId),
        DeleteGroups,
        { groupsNames: [groupId] },
        {
          errorOf: ({ results: [result] }) =>
            answeredFailure(result?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR, result?.errorMessage, what),
        },
      );
      return { name: groupId, failure: failed(response) ? response : undefined };
    }),
  );
}

/** Deletes offsets of a group whose members do not subscribe to the topics. */
export async function deleteOffsets(
  client: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<Outcome[] | Failure> {
  const what = `Cannot delete offsets of the group "${groupId}"`;
  const response = await client.request(
    coordinatorOf(groupId),
    OffsetDelete,
    {
      groupId,
      topics: Array.from(groupByTopic(partitions), ([name, group]) => ({
        name,
        partitions: group.map(({ partition }) => ({ partitionIndex: partition })),
      })),
    },
    { errorOf: ({ errorCode }) => answeredFailure(errorCode, undefined, what) },
  );
  if (failed(response)) return response;
  return response.topics.flatMap(({ name: topic, partitions: answered }) =>
    answered.map(({ errorCode, partitionIndex }) => {
      const name = partitionKey({ topic, partition: asPartitionIndex(partitionIndex) });
      return { name, failure: answeredFailure(errorCode, undefined, `Cannot delete the offset of ${name}`) };
    }),
  );
}
