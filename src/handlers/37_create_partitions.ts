import { CreatePartitions } from '../messages/37_create_partitions.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleCreatePartitions = decidedByController(
  CreatePartitions,
  ({ controller }, request) => controller.createPartitions(request),
  ({ topics }, { code, message }) => ({
    throttleTimeMs: 0,
    results: topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
  }),
);
