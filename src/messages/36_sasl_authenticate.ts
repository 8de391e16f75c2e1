import { api, bytes, int16, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Carries one step of a SASL exchange. */

export const SaslAuthenticateRequest = message(
  { name: 'SaslAuthenticateRequest', key: 36, versions: '0-2', flexible: '2+' },
  {
    authBytes: bytes('0+'),
  },
);
export type SaslAuthenticateRequest = MessageOf<typeof SaslAuthenticateRequest>;

export const SaslAuthenticateResponse = message(
  { name: 'SaslAuthenticateResponse', key: 36, versions: '0-2', flexible: '2+' },
  {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    authBytes: bytes('0+'),
    sessionLifetimeMs: int64('1+', { default: 0n, ignorable: true }),
  },
);
export type SaslAuthenticateResponse = MessageOf<typeof SaslAuthenticateResponse>;

export const SaslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  listeners: ['broker', 'controller'],
  request: SaslAuthenticateRequest,
  response: SaslAuthenticateResponse,
});
