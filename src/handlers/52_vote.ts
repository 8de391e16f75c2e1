import type { Vote, VoteRequest } from '../messages/52_vote.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

export function handleVote(
  request: VoteRequest,
  context: RequestContext,
  { quorum }: BrokerServices,
): Promise<MessageInput<(typeof Vote)['response']>> {
  return quorum.handleVote(request, quorumContext(context));
}
