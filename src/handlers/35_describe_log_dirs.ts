import type { LogDirectoryDescription } from '../log/directories/log_directories.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import type { DescribeLogDirs, DescribeLogDirsRequest } from '../messages/35_describe_log_dirs.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeLogDirs)['response']>;
type Result = Response['results'][number];
type TopicResult = Result['topics'][number];

/** Whether the request asks for a log. */
type IsWanted = (log: PartitionLog) => boolean;

/** Tells what this broker's log directories hold, and how much room they have (KIP-113, 827). */
export function handleDescribeLogDirs(
  { topics }: DescribeLogDirsRequest,
  _context: RequestContext,
  { directories }: BrokerServices,
): Response {
  const isWanted = wanted(topics);
  return {
    throttleTimeMs: 0,
    errorCode: Errors.NONE,
    results: directories.describe().map(directory => describe(directory, isWanted)),
  };
}

/** Without a list of topics every log is asked for; with an empty one, none. */
function wanted(topics: DescribeLogDirsRequest['topics']): IsWanted {
  if (topics === null) return () => true;
  const partitions = new Map<string, Set<number>>();
  for (const { topic, partitions: indexes } of topics) {
    partitions.set(topic, new Set([...(partitions.get(topic) ?? []), ...indexes]));
  }
  return ({ topic, partition }) => partitions.get(topic)?.has(partition) === true;
}

function describe(
  { path, failure, isCordoned, space, logs }: LogDirectoryDescription,
  isWanted: IsWanted,
): Result {
  if (failure !== undefined || space === undefined) {
    return { errorCode: failure?.code ?? Errors.KAFKA_STORAGE_ERROR, logDir: path, topics: [], isCordoned };
  }
  const topics = new Map<string, TopicResult['partitions'][number][]>();
  for (const log of logs) {
    if (!isWanted(log)) continue;
    let partitions = topics.get(log.topic);
    if (partitions === undefined) {
      partitions = [];
      topics.set(log.topic, partitions);
    }
    partitions.push({
      partitionIndex: log.partition,
      partitionSize: BigInt(log.sizeBytes),
      offsetLag: lagOf(log),
      isFutureKey: false,
    });
  }
  return {
    errorCode: Errors.NONE,
    logDir: path,
    topics: Array.from(topics, ([name, partitions]) => ({ name, partitions })),
    totalBytes: BigInt(space.totalBytes),
    usableBytes: BigInt(space.usableBytes),
    isCordoned,
  };
}

/** How far the log is behind what is known to be committed: a follower that has just begun. */
function lagOf({ highWatermark, endOffset }: PartitionLog): bigint {
  return highWatermark > endOffset ? highWatermark - endOffset : 0n;
}
