import { RemoveRaftVoter } from '../messages/81_remove_raft_voter.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleRemoveRaftVoter = decidedByController(
  RemoveRaftVoter,
  ({ quorum }, request) => quorum.handleRemoveRaftVoter(request),
  (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message }),
);
