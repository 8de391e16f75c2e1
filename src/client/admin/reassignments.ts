import { AlterPartitionReassignments } from '../../messages/45_alter_partition_reassignments.ts';
import { ListPartitionReassignments } from '../../messages/46_list_partition_reassignments.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { groupByTopic, partitionKey, type TopicPartition } from '../topic_partition.ts';
import { answeredFailure, type Outcome } from './answers.ts';

/** Where the replicas of a partition are to be, the preferred leader first. */
export interface Reassignment extends TopicPartition {
  /** Null cancels the move that is under way. */
  readonly replicas: readonly number[] | null;
}

/** A move that is under way. */
export interface Move extends TopicPartition {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

/** Begins to move replicas, or cancels moves; each partition has its outcome. */
export async function alterReassignments(
  client: ClusterClient,
  reassignments: readonly Reassignment[],
): Promise<Outcome[] | Failure> {
  const response = await client.request(
    'controller',
    AlterPartitionReassignments,
    {
      timeoutMs: client.timeouts.requestTimeoutMs,
      topics: Array.from(groupByTopic(reassignments), ([name, partitions]) => ({
        name,
        partitions: partitions.map(({ partition, replicas }) => ({
          partitionIndex: partition,
          replicas: replicas === null ? null : [...replicas],
        })),
      })),
    },
    {
      errorOf: ({ errorCode, errorMessage }) =>
        answeredFailure(errorCode, errorMessage, 'Cannot move the replicas'),
    },
  );
  if (failed(response)) return response;
  return response.responses.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ errorCode, errorMessage, partitionIndex }) => {
      const name = partitionKey({ topic, partition: asPartitionIndex(partitionIndex) });
      return {
        name,
        failure: answeredFailure(errorCode, errorMessage, `Cannot move the replicas of ${name}`),
      };
    }),
  );
}

/** All moves that are under way. */
export async function listReassignments(client: ClusterClient): Promise<Move[] | Failure> {
  const response = await client.request(
    'controller',
    ListPartitionReassignments,
    { timeoutMs: client.timeouts.requestTimeoutMs, topics: null },
    {
      errorOf: ({ errorCode, errorMessage }) =>
        answeredFailure(errorCode, errorMessage, 'Cannot list the moves'),
    },
  );
  if (failed(response)) return response;
  return response.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ addingReplicas, partitionIndex, removingReplicas, replicas }) => ({
      topic: name,
      partition: asPartitionIndex(partitionIndex),
      replicas,
      adding: addingReplicas,
      removing: removingReplicas,
    })),
  );
}
