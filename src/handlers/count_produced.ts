import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';
import type { Partition } from '../replica/partition.ts';
import type { TopicStatistics } from '../replica/topic_statistics.ts';
import { isLeadershipError } from './current_leader.ts';

/** What became of a batch; with a failure where the log refused it and said so besides. */
interface Appended {
  readonly failure: Failure | undefined;
  readonly partition: Partition | undefined;
  readonly baseOffset: bigint;
  readonly endOffset: Offset | undefined;
}

/** Counts what was written to one partition, or why nothing was. */
export function countProduced(
  outcome: Appended | Failure,
  sizeBytes: number,
  statistics: TopicStatistics,
): void {
  const failure = failed(outcome) ? outcome : outcome.failure;
  if (failure !== undefined) {
    statistics.all.totalProduceRequests++;
    if (isOnlyMisdirected(failure)) return;
    statistics.all.failedProduceRequests++;
    statistics.all.bytesRejected += sizeBytes;
    return;
  }
  const { partition, baseOffset, endOffset } = outcome as Appended;
  const { topic } = partition!;
  statistics.add(topic, 'totalProduceRequests', 1);
  statistics.add(topic, 'bytesIn', sizeBytes);
  statistics.add(topic, 'messagesIn', Number(endOffset! - baseOffset));
}

/** Whether the client will find its way by itself: it has to refresh its metadata, and nothing failed. */
export function isOnlyMisdirected({ code }: Failure): boolean {
  return (
    isLeadershipError(code) || code === Errors.UNKNOWN_TOPIC_OR_PARTITION || code === Errors.UNKNOWN_TOPIC_ID
  );
}
