import { BrokerHeartbeat } from '../messages/63_broker_heartbeat.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleBrokerHeartbeat = decidedByController(
  BrokerHeartbeat,
  ({ controller }, request) => controller.heartbeat(request),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, shouldShutDown: false }),
);
