import { type Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import type { ClusterClient } from './cluster_client.ts';
import { EARLIEST_TIMESTAMP, type IsolationLevel, LATEST_TIMESTAMP, listOffsets } from './list_offsets.ts';
import { partitionKey, type TopicPartition } from './topic_partition.ts';

/** Where what is there of a partition begins and ends. */
export interface LogBounds {
  readonly earliest: Offset;
  /** Behind the last record that may be read. */
  readonly latest: Offset;
}

/** Asks the leaders where partitions begin and end. @returns by {@link partitionKey}, the bounds or why there are none */
export async function findLogBounds(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  options: { readonly isolationLevel: IsolationLevel; readonly timeoutMs?: number },
): Promise<Map<string, LogBounds | Failure>> {
  const at = (timestamp: bigint) =>
    listOffsets(
      client,
      partitions.map(target => ({ ...target, timestamp })),
      options,
    );
  const [starts, ends] = await Promise.all([at(EARLIEST_TIMESTAMP), at(LATEST_TIMESTAMP)]);
  const bounds = new Map<string, LogBounds | Failure>();
  for (const key of partitions.map(partitionKey)) {
    const [start, end] = [starts.get(key), ends.get(key)];
    if (start === undefined || end === undefined) continue;
    if (failed(start)) bounds.set(key, start);
    else if (failed(end)) bounds.set(key, end);
    else bounds.set(key, { earliest: start.offset, latest: end.offset });
  }
  return bounds;
}

/** The offset, or the end of the log that is next to it. */
export function within(offset: bigint, { earliest, latest }: LogBounds): Offset {
  if (offset < earliest) return earliest;
  return offset > latest ? latest : asOffset(offset);
}
