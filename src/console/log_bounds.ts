import type { ClusterClient } from '../client/cluster_client.ts';
import { type FoundOffset, type IsolationLevel, listOffsets } from '../client/list_offsets.ts';
import { findLogBounds, type LogBounds } from '../client/log_bounds.ts';
import type { TopicPartition } from '../client/topic_partition.ts';
import type { Failure } from '../model/failure.ts';

/** For people who wait: a leader that does not answer by then is shown as one that does not. */
const TIMEOUT_MS = 3_000;

/** By `partitionKey`: the offset of the first record of a time or later, or why it is not known. */
export async function offsetsAt(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<Map<string, FoundOffset | Failure>> {
  const queries = partitions.map(target => ({ ...target, timestamp }));
  return await listOffsets(client, queries, { isolationLevel, timeoutMs: TIMEOUT_MS });
}

/** By `partitionKey`. */
export async function findBounds(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<Map<string, LogBounds | Failure>> {
  return await findLogBounds(client, partitions, { isolationLevel, timeoutMs: TIMEOUT_MS });
}
