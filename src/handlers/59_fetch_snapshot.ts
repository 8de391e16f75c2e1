import type { FetchSnapshot, FetchSnapshotRequest } from '../messages/59_fetch_snapshot.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

export function handleFetchSnapshot(
  request: FetchSnapshotRequest,
  context: RequestContext,
  { quorum }: BrokerServices,
): Promise<MessageInput<(typeof FetchSnapshot)['response']>> {
  return quorum.handleFetchSnapshot(request, quorumContext(context));
}
