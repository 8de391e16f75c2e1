import type { PartitionLog } from '../log/partition_log.ts';
import type { ListOffsets, ListOffsetsRequest } from '../messages/02_list_offsets.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { type LeaderEpoch, type Offset, UNKNOWN_LEADER_EPOCH, UNKNOWN_OFFSET } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { findPartition } from './find_partition.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof ListOffsets)['response']>;
type PartitionRequest = ListOffsetsRequest['topics'][number]['partitions'][number];
type PartitionResponse = Response['topics'][number]['partitions'][number];

const LATEST = -1n;
const EARLIEST = -2n;
const MAX_TIMESTAMP = -3n;
const EARLIEST_LOCAL = -4n;
const LATEST_TIERED = -5n;
const EARLIEST_PENDING_UPLOAD = -6n;

/** The version in which each special timestamp came. */
const FIRST_VERSIONS: ReadonlyMap<bigint, number> = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

const FIRST_VERSION_WITH_EPOCH = 4;
const FIRST_VERSION_WITH_NOT_AVAILABLE = 5;
const CONSUMER_ID = -1;
const READ_COMMITTED = 1;

interface Found {
  readonly timestamp: bigint;
  readonly offset: Offset;
  readonly leaderEpoch: LeaderEpoch;
}

const NOTHING: Found = { timestamp: -1n, offset: UNKNOWN_OFFSET, leaderEpoch: UNKNOWN_LEADER_EPOCH };

/** Finds offsets by time. */
export async function handleListOffsets(
  request: ListOffsetsRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`;
      if (seen.has(key)) duplicates.add(key);
      seen.add(key);
    }
  }
  const topics = request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      firstOfEach(partitions).map(partition => {
        const isDuplicate = duplicates.has(`${name}-${partition.partitionIndex}`);
        return answer({ request, name, partition, isDuplicate }, context, services);
      }),
    ),
  }));
  return { topics: await Promise.all(topics) };
}

/** One answer a partition, however often it is asked for. */
function firstOfEach(partitions: readonly PartitionRequest[]): PartitionRequest[] {
  const byIndex = new Map(partitions.map(partition => [partition.partitionIndex, partition]));
  return byIndex.size === partitions.length ? [...partitions] : [...byIndex.values()];
}

interface Question {
  readonly request: ListOffsetsRequest;
  readonly name: string;
  readonly partition: PartitionRequest;
  readonly isDuplicate: boolean;
}

async function answer(
  question: Question,
  { apiVersion }: RequestContext,
  services: BrokerServices,
): Promise<PartitionResponse> {
  const { partitionIndex } = question.partition;
  const found = await find(question, apiVersion, services);
  if (failed(found)) return { partitionIndex, errorCode: errorCode(found, apiVersion) };
  const { timestamp, offset, leaderEpoch } = found;
  const hasEpoch = apiVersion >= FIRST_VERSION_WITH_EPOCH;
  return {
    partitionIndex,
    errorCode: Errors.NONE,
    timestamp,
    offset,
    leaderEpoch: hasEpoch ? leaderEpoch : UNKNOWN_LEADER_EPOCH,
  };
}

/** Older clients don't know OFFSET_NOT_AVAILABLE, and try again after LEADER_NOT_AVAILABLE. */
function errorCode({ code }: Failure, apiVersion: number) {
  const isUnknown = code === Errors.OFFSET_NOT_AVAILABLE && apiVersion < FIRST_VERSION_WITH_NOT_AVAILABLE;
  return isUnknown ? Errors.LEADER_NOT_AVAILABLE : code;
}

async function find(
  { request, name, partition, isDuplicate }: Question,
  apiVersion: number,
  services: BrokerServices,
): Promise<Found | Failure> {
  const { partitionIndex, timestamp, currentLeaderEpoch } = partition;
  if (isDuplicate) {
    return new Failure(Errors.INVALID_REQUEST, `${name}-${partitionIndex} is asked for more than once`);
  }
  if (timestamp < 0n && apiVersion < (FIRST_VERSIONS.get(timestamp) ?? Infinity)) {
    return new Failure(
      Errors.UNSUPPORTED_VERSION,
      `ListOffsets ${apiVersion} has no special timestamp ${timestamp}`,
    );
  }
  const replica = findPartition(name, partitionIndex, services);
  if (failed(replica)) return replica;
  const log = replica.leaderLog(currentLeaderEpoch);
  if (failed(log)) return log;
  const isConsumer = request.replicaId === CONSUMER_ID;
  const visibleEnd = !isConsumer
    ? log.endOffset
    : request.isolationLevel === READ_COMMITTED
      ? log.lastStableOffset
      : log.highWatermark;
  const unavailable = isConsumer ? replica.offsetsUnavailable() : undefined;
  if (timestamp === LATEST) {
    return unavailable ?? { timestamp: -1n, offset: visibleEnd, leaderEpoch: replica.leaderEpoch };
  }
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL) return earliest(log);
  // Nothing is tiered here: there is no last tiered offset, and none that waits for it.
  if (timestamp === LATEST_TIERED || timestamp === EARLIEST_PENDING_UPLOAD) return NOTHING;
  const found =
    timestamp === MAX_TIMESTAMP ? await log.maxTimestamp() : await log.offsetForTimestamp(timestamp);
  if (failed(found)) return found;
  if (found !== undefined && found.offset < visibleEnd) return found;
  return unavailable ?? NOTHING;
}

function earliest(log: PartitionLog): Found {
  const { logStartOffset } = log;
  const leaderEpoch = log.leaderEpochAt(logStartOffset) ?? UNKNOWN_LEADER_EPOCH;
  return { timestamp: -1n, offset: logStartOffset, leaderEpoch };
}
