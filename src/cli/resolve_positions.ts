import type { ClusterClient } from '../client/cluster_client.ts';
import { type IsolationLevel, listOffsets, type OffsetQuery } from '../client/list_offsets.ts';
import { findLogBounds, type LogBounds, within } from '../client/log_bounds.ts';
import { partitionKey, type TopicPartition } from '../client/topic_partition.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';
import type { Position } from './parse.ts';

export interface PartitionBounds extends TopicPartition, LogBounds {}

/** Where partitions begin and end; the first failure, if one of them does not say. */
export async function findBounds(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<PartitionBounds[] | Failure> {
  const found = await findLogBounds(client, partitions, { isolationLevel });
  const bounds: PartitionBounds[] = [];
  for (const target of partitions) {
    const result = found.get(partitionKey(target)) ?? noAnswer();
    if (failed(result)) return result;
    bounds.push({ ...target, ...result });
  }
  return bounds;
}

const noAnswer = () => new Failure(Errors.UNKNOWN_SERVER_ERROR, 'No answer');

/** The offsets of partitions at a time; -1 where no record is as young. */
export async function offsetsAt(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
): Promise<Offset[] | Failure> {
  const queries = partitions.map((target): OffsetQuery => ({ ...target, timestamp }));
  const found = await listOffsets(client, queries, { isolationLevel: 'read_uncommitted' });
  const offsets: Offset[] = [];
  for (const target of partitions) {
    const result = found.get(partitionKey(target)) ?? noAnswer();
    if (failed(result)) return result;
    offsets.push(result.offset);
  }
  return offsets;
}

/**
 * Makes a position offsets, within what the logs hold; that of a time without a record so young is the end.
 * @returns in the order of `bounds`
 */
export async function resolvePosition(
  client: ClusterClient,
  position: Position,
  bounds: readonly PartitionBounds[],
): Promise<Offset[] | Failure> {
  if (position.kind === 'time') {
    const found = await offsetsAt(client, bounds, position.timestampMs);
    if (failed(found)) return found;
    return found.map((offset, index) => (offset < 0n ? bounds[index]!.latest : offset));
  }
  return bounds.map(each => offsetOf(position, each));
}

/** The offset of a position that does not depend on times. */
function offsetOf(position: Exclude<Position, { kind: 'time' }>, bounds: LogBounds): Offset {
  const { earliest, latest } = bounds;
  switch (position.kind) {
    case 'earliest':
      return earliest;
    case 'latest':
      return latest;
    case 'offset':
      return within(position.offset, bounds);
    case 'fromStart':
      return within(earliest + position.count, bounds);
    case 'fromEnd':
      return within(latest - position.count, bounds);
  }
}
