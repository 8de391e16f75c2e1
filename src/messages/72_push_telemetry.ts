import { api, bool, bytes, int8, int16, int32, type MessageOf, message, uuid } from '../protocol/schema.ts';

/* Delivers a client's metrics (KIP-714). */

export const PushTelemetryRequest = message(
  { name: 'PushTelemetryRequest', key: 72, versions: '0', flexible: '0+' },
  {
    clientInstanceId: uuid('0+'),
    subscriptionId: int32('0+'),
    terminating: bool('0+'),
    compressionType: int8('0+'),
    metrics: bytes('0+'),
  },
);
export type PushTelemetryRequest = MessageOf<typeof PushTelemetryRequest>;

export const PushTelemetryResponse = message(
  { name: 'PushTelemetryResponse', key: 72, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
  },
);
export type PushTelemetryResponse = MessageOf<typeof PushTelemetryResponse>;

export const PushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  listeners: ['broker'],
  request: PushTelemetryRequest,
  response: PushTelemetryResponse,
});
