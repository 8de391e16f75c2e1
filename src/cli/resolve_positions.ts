import type { ClusterClient } from '../client/cluster_client.ts';
import {
  EARLIEST_TIMESTAMP,
  type IsolationLevel,
  LATEST_TIMESTAMP,
  listOffsets,
  type OffsetQuery,
} from '../client/list_offsets.ts';
import { partitionKey, type TopicPartition } from '../client/topic_partition.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import type { Position } from './parse.ts';

export interface PartitionBounds extends TopicPartition {
  readonly earliest: Offset;
  /** Behind the last record that may be read. */
  readonly latest: Offset;
}

/** Where partitions begin and end; the first failure, if one of them does not say. */
export async function findBounds(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<PartitionBounds[] | Failure> {
  const [earliest, latest] = await Promise.all([
    offsetsAt(client, partitions, EARLIEST_TIMESTAMP, isolationLevel),
    offsetsAt(client, partitions, LATEST_TIMESTAMP, isolationLevel),
  ]);
  if (failed(earliest)) return earliest;
  if (failed(latest)) return latest;
  return partitions.map((target, index) => ({
    ...target,
    earliest: earliest[index]!,
    latest: latest[index]!,
  }));
}

/** The offsets of partitions at a time; -1 where no record is as young. */
export async function offsetsAt(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolationLevel: IsolationLevel = 'read_uncommitted',
): Promise<Offset[] | Failure> {
  const queries = partitions.map((target): OffsetQuery => ({ ...target, timestamp }));
  const found = await listOffsets(client, queries, { isolationLevel });
  const offsets: Offset[] = [];
  for (const target of partitions) {
    const result = found.get(partitionKey(target)) ?? new Failure(Errors.UNKNOWN_SERVER_ERROR, 'No answer');
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
function offsetOf(
  position: Exclude<Position, { kind: 'time' }>,
  { earliest, latest }: PartitionBounds,
): Offset {
  switch (position.kind) {
    case 'earliest':
      return earliest;
    case 'latest':
      return latest;
    case 'offset':
      return within(position.offset, earliest, latest);
    case 'fromStart':
      return within(earliest + position.count, earliest, latest);
    case 'fromEnd':
      return within(latest - position.count, earliest, latest);
  }
}

function within(offset: bigint, earliest: Offset, latest: Offset): Offset {
  if (offset < earliest) return earliest;
  return offset > latest ? latest : asOffset(offset);
}
