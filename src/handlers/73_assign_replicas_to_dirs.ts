import { AssignReplicasToDirs } from '../messages/73_assign_replicas_to_dirs.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAssignReplicasToDirs = decidedByController(
  AssignReplicasToDirs,
  ({ controller }, request) => controller.assignReplicasToDirs(request),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, directories: [] }),
);
