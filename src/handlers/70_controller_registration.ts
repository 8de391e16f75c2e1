import { ControllerRegistration } from '../messages/70_controller_registration.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleControllerRegistration = decidedByController(
  ControllerRegistration,
  ({ controller }, request) => controller.registerController(request),
  (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message }),
);
