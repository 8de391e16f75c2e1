import { AddRaftVoter } from '../messages/80_add_raft_voter.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAddRaftVoter = decidedByController(
  AddRaftVoter,
  ({ quorum }, request) => quorum.handleAddRaftVoter(request),
  (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message }),
);
