import { ListOffsets } from '../messages/02_list_offsets.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  asLeaderEpoch,
  asOffset,
  type LeaderEpoch,
  NO_NODE,
  type NodeId,
  type Offset,
} from '../model/ids.ts';
import type { ClusterClient } from './cluster_client.ts';
import { backoffMs, Deadline, pause } from './retries.ts';
import { groupByTopic, partitionKey, type TopicPartition } from './topic_partition.ts';

/** Which records a consumer sees. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed';

/** As the wire numbers isolation levels. */
export const ISOLATION_NUMBERS = { read_uncommitted: 0, read_committed: 1 } as const;

/** The timestamps that ask for something else than a time. */
export const LATEST_TIMESTAMP = -1n;
export const EARLIEST_TIMESTAMP = -2n;

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds since 1970, or {@link LATEST_TIMESTAMP} or {@link EARLIEST_TIMESTAMP}. */
  readonly timestamp: bigint;
}

export interface FoundOffset {
  /** -1 when no record has that time or a later one. */
  readonly offset: Offset;
  /** Of the record that was found; -1 for the ends of the log. */
  readonly timestamp: bigint;
  readonly leaderEpoch: LeaderEpoch;
}

/**
 * Asks the leaders for offsets by time: of the first record that is as old or newer, or of the ends of the logs.
 * @returns for each partition, by {@link partitionKey}, the offset or why there is none
 */
export async function listOffsets(
  client: ClusterClient,
  queries: readonly OffsetQuery[],
  options: { readonly isolationLevel: IsolationLevel; readonly timeoutMs?: number },
): Promise<Map<string, FoundOffset | Failure>> {
  const { clock, random } = client.ports;
  const deadline = new Deadline(clock, options.timeoutMs ?? client.timeouts.apiTimeoutMs);
  const results = new Map<string, FoundOffset | Failure>();
  let open = [...queries];
  for (let failures = 1; open.length > 0; failures++) {
    for (const topic of new Set(open.map(query => query.topic))) {
      const failure = await client.waitForTopic(topic, deadline.leftMs);
      if (failure === undefined) continue;
      for (const query of open) if (query.topic === topic) results.set(partitionKey(query), failure);
    }
    const asked = open.filter(query => !isFinal(results.get(partitionKey(query))));
    const answers = await Promise.all(
      Array.from(byLeader(client, asked), ([leader, group]) =>
        askLeader(client, leader, group, options, deadline),
      ),
    );
    for (const answer of answers) for (const [key, result] of answer) results.set(key, result);
    open = asked.filter(query => !isFinal(results.get(partitionKey(query))));
    if (open.length === 0) break;
    const waitMs = backoffMs(failures, client.timeouts, random);
    if (client.isClosed || waitMs >= deadline.leftMs) break;
    client.markMetadataStale();
    await pause(clock, waitMs);
  }
  return results;
}

function isFinal(result: FoundOffset | Failure | undefined): boolean {
  return result !== undefined && (!failed(result) || !isRetriable(result.code));
}

function byLeader(client: ClusterClient, queries: readonly OffsetQuery[]): Map<NodeId, OffsetQuery[]> {
  const leaders = new Map<NodeId, OffsetQuery[]>();
  for (const query of queries) {
    const leader = client.metadata.partition(query)?.leader ?? NO_NODE;
    const group = leaders.get(leader);
    if (group === undefined) leaders.set(leader, [query]);
    else group.push(query);
  }
  return leaders;
}

async function askLeader(
  client: ClusterClient,
  leader: NodeId,
  queries: readonly OffsetQuery[],
  { isolationLevel }: { readonly isolationLevel: IsolationLevel },
  deadline: Deadline,
): Promise<Map<string, FoundOffset | Failure>> {
  if (leader === NO_NODE) return allFailed(queries, query => noLeader(client, query));
  const timeoutMs = Math.max(1, Math.min(client.timeouts.requestTimeoutMs, deadline.leftMs));
  const endpoint = await client.locate({ node: leader }, deadline);
  if (failed(endpoint)) return allFailed(queries, () => endpoint);
  const response = await client.requestOnce(
    endpoint,
    ListOffsets,
    {
      replicaId: -1,
      isolationLevel: ISOLATION_NUMBERS[isolationLevel],
      topics: Array.from(groupByTopic(queries), ([name, partitions]) => ({
        name,
        partitions: partitions.map(query => ({
          partitionIndex: query.partition,
          currentLeaderEpoch: client.metadata.partition(query)?.leaderEpoch ?? -1,
          timestamp: query.timestamp,
        })),
      })),
      timeoutMs,
    },
    timeoutMs,
  );
  if (failed(response)) return allFailed(queries, () => response);
  const results = allFailed(
    queries,
    query =>
      new Failure(Errors.UNKNOWN_SERVER_ERROR, `The offset of ${partitionKey(query)} was not answered`),
  );
  for (const { name, partitions } of response.topics) {
    for (const { errorCode, leaderEpoch, offset, partitionIndex, timestamp } of partitions) {
      const key = `${name}-${partitionIndex}`;
      const code = errorCode as ErrorCode;
      results.set(
        key,
        code === Errors.NONE
          ? { offset: asOffset(offset), timestamp, leaderEpoch: asLeaderEpoch(leaderEpoch) }
          : new Failure(code, `The offset of ${key} is not known: ${errorText(code)}`),
      );
    }
  }
  return results;
}

function noLeader(client: ClusterClient, query: OffsetQuery): Failure {
  const key = partitionKey(query);
  return client.metadata.partition(query) === undefined
    ? new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, `There is no partition ${key}`)
    : new Failure(Errors.LEADER_NOT_AVAILABLE, `The partition ${key} has no leader at the moment`);
}

function allFailed(
  queries: readonly OffsetQuery[],
  failureOf: (query: OffsetQuery) => Failure,
): Map<string, FoundOffset | Failure> {
  return new Map(queries.map(query => [partitionKey(query), failureOf(query)]));
}
