import { AllocateProducerIds } from '../messages/67_allocate_producer_ids.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAllocateProducerIds = decidedByController(
  AllocateProducerIds,
  ({ controller }, request) => controller.allocateProducerIds(request),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, producerIdStart: 0n, producerIdLen: 0 }),
);
