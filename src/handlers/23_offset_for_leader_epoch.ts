import type {
  OffsetForLeaderEpoch,
  OffsetForLeaderEpochRequest,
} from '../messages/23_offset_for_leader_epoch.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { asLeaderEpoch } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { findPartition } from './find_partition.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof OffsetForLeaderEpoch)['response']>;

/** Tells where a leader epoch ends, so that who read records of it learns whether they are still there. */
export function handleOffsetForLeaderEpoch(
  request: OffsetForLeaderEpochRequest,
  _context: RequestContext,
  services: BrokerServices,
): Response {
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
      const partition = findPartition(topic, index, services);
      const log = failed(partition) ? partition : partition.leaderLog(currentLeaderEpoch);
      if (failed(log)) return { partition: index, errorCode: log.code };
      const end = log.endOffsetForEpoch(asLeaderEpoch(leaderEpoch));
      return {
        partition: index,
        errorCode: Errors.NONE,
        leaderEpoch: end.leaderEpoch,
        endOffset: end.endOffset,
      };
    }),
  }));
  return { topics };
}
