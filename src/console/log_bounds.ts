import type { ClusterClient } from '../client/cluster_client.ts';
import {
  EARLIEST_TIMESTAMP,
  type FoundOffset,
  type IsolationLevel,
  LATEST_TIMESTAMP,
  listOffsets,
} from '../client/list_offsets.ts';
import { partitionKey, type TopicPartition } from '../client/topic_partition.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';

/** Where what is there of a partition begins and ends. */
export interface LogBounds {
  readonly earliest: Offset;
  /** Behind the last record that may be read. */
  readonly latest: Offset;
}

/** For people who wait: a leader that does not answer by then is shown as one that does not. */
const TIMEOUT_MS = 3_000;

/** By {@link partitionKey}: the offset of the first record of a time or later, or why it is not known. */
export async function offsetsAt(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<Map<string, FoundOffset | Failure>> {
  const queries = partitions.map(target => ({ ...target, timestamp }));
  return await listOffsets(client, queries, { isolationLevel, timeoutMs: TIMEOUT_MS });
}

/** By {@link partitionKey}. */
export async function findBounds(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<Map<string, LogBounds | Failure>> {
  const [starts, ends] = await Promise.all([
    offsetsAt(client, partitions, EARLIEST_TIMESTAMP, isolationLevel),
    offsetsAt(client, partitions, LATEST_TIMESTAMP, isolationLevel),
  ]);
  const bounds = new Map<string, LogBounds | Failure>();
  for (const target of partitions) {
    const key = partitionKey(target);
    const [start, end] = [starts.get(key), ends.get(key)];
    if (start === undefined || end === undefined) continue;
    if (failed(start)) bounds.set(key, start);
    else if (failed(end)) bounds.set(key, end);
    else bounds.set(key, { earliest: start.offset, latest: end.offset });
  }
  return bounds;
}
