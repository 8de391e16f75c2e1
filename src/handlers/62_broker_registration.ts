import { BrokerRegistration } from '../messages/62_broker_registration.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleBrokerRegistration = decidedByController(
  BrokerRegistration,
  ({ controller }, request, { apiVersion }) => controller.registerBroker(request, apiVersion),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code }),
);
