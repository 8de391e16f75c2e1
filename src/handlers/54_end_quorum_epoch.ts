import type { EndQuorumEpoch, EndQuorumEpochRequest } from '../messages/54_end_quorum_epoch.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

export function handleEndQuorumEpoch(
  request: EndQuorumEpochRequest,
  context: RequestContext,
  { quorum }: BrokerServices,
): Promise<MessageInput<(typeof EndQuorumEpoch)['response']>> {
  return quorum.handleEndQuorumEpoch(request, quorumContext(context));
}
