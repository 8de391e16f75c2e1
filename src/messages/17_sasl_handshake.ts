import { api, array, int16, type MessageOf, message, string } from '../protocol/schema.ts';

/* Chooses the SASL mechanism. */

export const SaslHandshakeRequest = message(
  { name: 'SaslHandshakeRequest', key: 17, versions: '0-1', flexible: 'none' },
  {
    mechanism: string('0+'),
  },
);
export type SaslHandshakeRequest = MessageOf<typeof SaslHandshakeRequest>;

export const SaslHandshakeResponse = message(
  { name: 'SaslHandshakeResponse', key: 17, versions: '0-1', flexible: 'none' },
  {
    errorCode: int16('0+'),
    mechanisms: array('0+', 'string'),
  },
);
export type SaslHandshakeResponse = MessageOf<typeof SaslHandshakeResponse>;

export const SaslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  listeners: ['broker', 'controller'],
  request: SaslHandshakeRequest,
  response: SaslHandshakeResponse,
});
