import { api, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Takes a broker out of the cluster. */

export const UnregisterBrokerRequest = message(
  { name: 'UnregisterBrokerRequest', key: 64, versions: '0', flexible: '0+' },
  {
    brokerId: int32('0+'),
  },
);
export type UnregisterBrokerRequest = MessageOf<typeof UnregisterBrokerRequest>;

export const UnregisterBrokerResponse = message(
  { name: 'UnregisterBrokerResponse', key: 64, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  },
);
export type UnregisterBrokerResponse = MessageOf<typeof UnregisterBrokerResponse>;

export const UnregisterBroker = api({
  key: 64,
  name: 'UnregisterBroker',
  listeners: ['broker', 'controller'],
  request: UnregisterBrokerRequest,
  response: UnregisterBrokerResponse,
});
