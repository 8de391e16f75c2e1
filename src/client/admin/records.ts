import { DeleteRecords } from '../../messages/21_delete_records.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asOffset, NO_NODE, type NodeId, type Offset } from '../../model/ids.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { groupByTopic, partitionKey, type TopicPartition } from '../topic_partition.ts';
import { answeredFailure } from './answers.ts';

/** Up to which offset a partition's records are deleted. */
export interface TrimPoint extends TopicPartition {
  /** The first that stays; -1 for none. */
  readonly offset: Offset;
}

/**
 * Deletes the records before an offset.
 * @returns by {@link partitionKey} where the log begins now, or why nothing was deleted
 */
export async function deleteRecords(
  client: ClusterClient,
  points: readonly TrimPoint[],
): Promise<Map<string, Offset | Failure>> {
  const results = new Map<string, Offset | Failure>();
  for (const topic of new Set(points.map(point => point.topic))) {
    const failure = await client.waitForTopic(topic);
    if (failure === undefined) continue;
    for (const point of points) if (point.topic === topic) results.set(partitionKey(point), failure);
  }
  const byLeader = new Map<NodeId, TrimPoint[]>();
  for (const point of points) {
    if (results.has(partitionKey(point))) continue;
    const leader = client.metadata.partition(point)?.leader ?? NO_NODE;
    const text = `The partition ${partitionKey(point)} has no leader at the moment, or is not there`;
    results.set(partitionKey(point), new Failure(Errors.LEADER_NOT_AVAILABLE, text));
    if (leader === NO_NODE) continue;
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), point]);
  }
  for (const [leader, group] of byLeader) {
    const answers = await trimAt(client, leader, group);
    for (const point of group) {
      const key = partitionKey(point);
      results.set(key, failed(answers) ? answers : (answers.get(key) ?? results.get(key)!));
    }
  }
  return results;
}

async function trimAt(
  client: ClusterClient,
  leader: NodeId,
  points: readonly TrimPoint[],
): Promise<Map<string, Offset | Failure> | Failure> {
  const response = await client.request({ node: leader }, DeleteRecords, {
    topics: Array.from(groupByTopic(points), ([name, partitions]) => ({
      name,
      partitions: partitions.map(({ offset, partition }) => ({ partitionIndex: partition, offset })),
    })),
    timeoutMs: client.timeouts.requestTimeoutMs,
  });
  if (failed(response)) return response;
  const results = new Map<string, Offset | Failure>();
  for (const { name, partitions } of response.topics) {
    for (const { errorCode, lowWatermark, partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`;
      const failure = answeredFailure(errorCode, undefined, `Cannot delete records of ${key}`);
      results.set(key, failure ?? asOffset(lowWatermark));
    }
  }
  return results;
}
