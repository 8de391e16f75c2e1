import type { BeginQuorumEpoch, BeginQuorumEpochRequest } from '../messages/53_begin_quorum_epoch.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

export function handleBeginQuorumEpoch(
  request: BeginQuorumEpochRequest,
  context: RequestContext,
  { quorum }: BrokerServices,
): Promise<MessageInput<(typeof BeginQuorumEpoch)['response']>> {
  return quorum.handleBeginQuorumEpoch(request, quorumContext(context));
}
