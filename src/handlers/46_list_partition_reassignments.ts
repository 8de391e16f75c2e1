import { ListPartitionReassignments } from '../messages/46_list_partition_reassignments.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleListPartitionReassignments = decidedByController(
  ListPartitionReassignments,
  ({ controller }, request) => controller.listPartitionReassignments(request),
  (_request, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: message,
    topics: [],
  }),
);
