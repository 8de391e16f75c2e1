import { api, array, bool, int16, int32, type MessageOf, message, uuid } from '../protocol/schema.ts';

/* Tells a client which of its metrics are wanted (KIP-714). */

export const GetTelemetrySubscriptionsRequest = message(
  { name: 'GetTelemetrySubscriptionsRequest', key: 71, versions: '0', flexible: '0+' },
  {
    clientInstanceId: uuid('0+'),
  },
);
export type GetTelemetrySubscriptionsRequest = MessageOf<typeof GetTelemetrySubscriptionsRequest>;

export const GetTelemetrySubscriptionsResponse = message(
  { name: 'GetTelemetrySubscriptionsResponse', key: 71, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    clientInstanceId: uuid('0+'),
    subscriptionId: int32('0+'),
    acceptedCompressionTypes: array('0+', 'int8'),
    pushIntervalMs: int32('0+'),
    telemetryMaxBytes: int32('0+'),
    deltaTemporality: bool('0+'),
    requestedMetrics: array('0+', 'string'),
  },
);
export type GetTelemetrySubscriptionsResponse = MessageOf<typeof GetTelemetrySubscriptionsResponse>;

export const GetTelemetrySubscriptions = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  listeners: ['broker'],
  request: GetTelemetrySubscriptionsRequest,
  response: GetTelemetrySubscriptionsResponse,
});
