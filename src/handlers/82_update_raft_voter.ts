import type { UpdateRaftVoter, UpdateRaftVoterRequest } from '../messages/82_update_raft_voter.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { quorumContext, type RequestContext } from './request_context.ts';

export function handleUpdateRaftVoter(
  request: UpdateRaftVoterRequest,
  context: RequestContext,
  { quorum }: BrokerServices,
): MessageInput<(typeof UpdateRaftVoter)['response']> {
  return quorum.handleUpdateRaftVoter(request, quorumContext(context));
}
