import { api, int16, int32, int64, type MessageOf, message } from '../protocol/schema.ts';

/* Gives a broker a block of producer ids. */

export const AllocateProducerIdsRequest = message(
  { name: 'AllocateProducerIdsRequest', key: 67, versions: '0', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
  },
);
export type AllocateProducerIdsRequest = MessageOf<typeof AllocateProducerIdsRequest>;

export const AllocateProducerIdsResponse = message(
  { name: 'AllocateProducerIdsResponse', key: 67, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerIdStart: int64('0+'),
    producerIdLen: int32('0+'),
  },
);
export type AllocateProducerIdsResponse = MessageOf<typeof AllocateProducerIdsResponse>;

export const AllocateProducerIds = api({
  key: 67,
  name: 'AllocateProducerIds',
  listeners: ['controller'],
  request: AllocateProducerIdsRequest,
  response: AllocateProducerIdsResponse,
});
