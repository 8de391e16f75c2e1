import { failed } from '../model/failure.ts';
import type { FetchedPartition, FetchTarget } from '../replica/fetch_operation.ts';
import type { TopicStatistics } from '../replica/topic_statistics.ts';
import { isOnlyMisdirected } from './count_produced.ts';

export interface CountFetchedOptions {
  readonly isFollower: boolean;
  readonly statistics: TopicStatistics;
}

/** Counts what was read of each partition. `fetched` is in the order of the targets. */
export function countFetched(
  targets: readonly FetchTarget[],
  fetched: readonly FetchedPartition[],
  { isFollower, statistics }: CountFetchedOptions,
): void {
  fetched.forEach(({ failure, sizeBytes }, index) => {
    const { partition } = targets[index]!;
    if (failed(partition)) {
      statistics.all.totalFetchRequests++;
      if (!isOnlyMisdirected(partition)) statistics.all.failedFetchRequests++;
      return;
    }
    const { topic } = partition;
    statistics.add(topic, 'totalFetchRequests', 1);
    if (failure !== undefined && !isOnlyMisdirected(failure)) {
      statistics.add(topic, 'failedFetchRequests', 1);
    }
    if (sizeBytes > 0) statistics.add(topic, isFollower ? 'replicationBytesOut' : 'bytesOut', sizeBytes);
  });
}
