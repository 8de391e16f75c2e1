import type { DeleteRecords, DeleteRecordsRequest } from '../messages/21_delete_records.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { isInternalTopic } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { Partition } from '../replica/partition.ts';
import type { BrokerServices } from './broker_services.ts';
import { findPartition } from './find_partition.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DeleteRecords)['response']>;

/** Stands for the high watermark. */
const HIGH_WATERMARK = -1n;

/**
 * Moves the start of partitions forward: the records before it are gone for readers at once. Answers when they are gone
 * from every replica that is up, and will stay so.
 */
export async function handleDeleteRecords(
  request: DeleteRecordsRequest,
  _context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const topics = request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      partitions.map(async ({ partitionIndex, offset }) => {
        const deleted = await deleteBefore(name, partitionIndex, offset, {
          services,
          timeoutMs: request.timeoutMs,
        });
        return failed(deleted)
          ? { partitionIndex, lowWatermark: -1n, errorCode: deleted.code }
          : { partitionIndex, lowWatermark: deleted, errorCode: Errors.NONE };
      }),
    ),
  }));
  return { throttleTimeMs: 0, topics: await Promise.all(topics) };
}

async function deleteBefore(
  topic: string,
  index: number,
  offset: bigint,
  { services, timeoutMs }: { readonly services: BrokerServices; readonly timeoutMs: number },
): Promise<Offset | Failure> {
  const partition = findPartition(topic, index, services);
  if (failed(partition)) return partition;
  if (isInternalTopic(topic)) {
    return new Failure(Errors.INVALID_TOPIC_EXCEPTION, `${topic} is internal: its records can't be deleted`);
  }
  const log = partition.leaderLog();
  if (failed(log)) return log;
  if (!partition.config.cleanupPolicy.delete) {
    return new Failure(
      Errors.POLICY_VIOLATION,
      `Records of ${topic} can't be deleted: its cleanup.policy is compact, without delete`,
    );
  }
  const before = offset === HIGH_WATERMARK ? log.highWatermark : asOffset(offset);
  if (before < 0n) {
    return new Failure(
      Errors.OFFSET_OUT_OF_RANGE,
      `Offset ${offset} is none of ${topic}-${index}: give one up to the high watermark, or -1 for it`,
    );
  }
  const refused = log.incrementLogStartOffset(before);
  if (refused !== undefined) return refused;
  // What was acknowledged as deleted does not come back after a crash.
  const failure = await services.directories.storeLogStart(log);
  return failure ?? (await whenDeleted(partition, before, timeoutMs, services));
}

/** Waits until every replica that is up has deleted the records. @returns where the one starts that starts first */
function whenDeleted(
  partition: Partition,
  before: Offset,
  timeoutMs: number,
  { clock }: BrokerServices,
): Promise<Offset | Failure> {
  return new Promise(resolve => {
    const timer = clock.startTimer(Math.max(0, timeoutMs), () =>
      resolve(
        new Failure(
          Errors.REQUEST_TIMED_OUT,
          `Not all replicas of ${partition.name} deleted their records before offset ${before} within ${timeoutMs} ms`,
        ),
      ),
    );
    partition.whenDeleted(before, failure => {
      timer.cancel();
      resolve(failure ?? partition.lowWatermark ?? before);
    });
  });
}
