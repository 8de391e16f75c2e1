import { api, bytes, int16, type MessageOf, message } from '../protocol/schema.ts';

/* Carries a client's request from a broker to the active controller, with who sent it (KIP-590). */

export const EnvelopeRequest = message(
  { name: 'EnvelopeRequest', key: 58, versions: '0', flexible: '0+' },
  {
    requestData: bytes('0+'),
    requestPrincipal: bytes('0+', { nullable: '0+' }),
    clientHostAddress: bytes('0+'),
  },
);
export type EnvelopeRequest = MessageOf<typeof EnvelopeRequest>;

export const EnvelopeResponse = message(
  { name: 'EnvelopeResponse', key: 58, versions: '0', flexible: '0+' },
  {
    responseData: bytes('0+', { nullable: '0+', default: null }),
    errorCode: int16('0+'),
  },
);
export type EnvelopeResponse = MessageOf<typeof EnvelopeResponse>;

export const Envelope = api({
  key: 58,
  name: 'Envelope',
  listeners: ['controller'],
  request: EnvelopeRequest,
  response: EnvelopeResponse,
});
