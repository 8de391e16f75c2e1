import { AlterPartition } from '../messages/56_alter_partition.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAlterPartition = decidedByController(
  AlterPartition,
  ({ controller }, request) => controller.alterPartition(request),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, topics: [] }),
);
