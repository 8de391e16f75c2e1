import { UnregisterController } from '../messages/94_unregister_controller.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleUnregisterController = decidedByController(
  UnregisterController,
  ({ controller }, request) => controller.unregisterController(request),
  (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message }),
);
