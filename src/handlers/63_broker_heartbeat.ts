import { BrokerHeartbeat } from '../messages/63_broker_heartbeat.ts';
import { asBrokerEpoch, asNodeId } from '../model/ids.ts';
import type { Handle } from './api_handler.ts';
import { decidedByController } from './decided_by_controller.ts';

const decide = decidedByController(
  BrokerHeartbeat,
  ({ controller }, request) => controller.heartbeat(request),
  (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, shouldShutDown: false }),
);

export const handleBrokerHeartbeat: Handle<typeof BrokerHeartbeat> = (request, context, services) => {
  const { brokerId, brokerEpoch } = request;
  const { connectionId } = context.client;
  services.heartbeats?.heard(connectionId, asNodeId(brokerId), asBrokerEpoch(brokerEpoch));
  return decide(request, context, services);
};
