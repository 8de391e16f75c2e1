import { UnregisterBroker } from '../messages/64_unregister_broker.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleUnregisterBroker = decidedByController(
  UnregisterBroker,
  ({ controller }, request) => controller.unregisterBroker(request),
  (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message }),
);
