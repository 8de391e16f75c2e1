import { AlterPartitionReassignments } from '../messages/45_alter_partition_reassignments.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAlterPartitionReassignments = decidedByController(
  AlterPartitionReassignments,
  ({ controller }, request) => controller.alterPartitionReassignments(request),
  (_request, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: message,
    responses: [],
  }),
);
