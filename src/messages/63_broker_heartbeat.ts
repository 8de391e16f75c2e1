import { api, array, bool, int16, int32, int64, type MessageOf, message } from '../protocol/schema.ts';

/* Keeps a broker unfenced, and asks for a controlled shutdown. */

export const BrokerHeartbeatRequest = message(
  { name: 'BrokerHeartbeatRequest', key: 63, versions: '0-2', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
    currentMetadataOffset: int64('0+'),
    wantFence: bool('0+'),
    wantShutDown: bool('0+'),
    offlineLogDirs: array('1+', 'uuid', { tag: 0 }),
    cordonedLogDirs: array('2+', 'uuid', { nullable: '2+', default: null, tag: 1 }),
  },
);
export type BrokerHeartbeatRequest = MessageOf<typeof BrokerHeartbeatRequest>;

export const BrokerHeartbeatResponse = message(
  { name: 'BrokerHeartbeatResponse', key: 63, versions: '0-2', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    isCaughtUp: bool('0+', { default: false }),
    isFenced: bool('0+', { default: true }),
    shouldShutDown: bool('0+'),
  },
);
export type BrokerHeartbeatResponse = MessageOf<typeof BrokerHeartbeatResponse>;

export const BrokerHeartbeat = api({
  key: 63,
  name: 'BrokerHeartbeat',
  listeners: ['controller'],
  request: BrokerHeartbeatRequest,
  response: BrokerHeartbeatResponse,
});
