import { api, bytes, int16, int32, int64, type MessageOf, message } from '../protocol/schema.ts';

/* Extends the life of a delegation token. */

export const RenewDelegationTokenRequest = message(
  { name: 'RenewDelegationTokenRequest', key: 39, versions: '1-2', flexible: '2+' },
  {
    hmac: bytes('0+'),
    renewPeriodMs: int64('0+'),
  },
);
export type RenewDelegationTokenRequest = MessageOf<typeof RenewDelegationTokenRequest>;

export const RenewDelegationTokenResponse = message(
  { name: 'RenewDelegationTokenResponse', key: 39, versions: '1-2', flexible: '2+' },
  {
    errorCode: int16('0+'),
    expiryTimestampMs: int64('0+'),
    throttleTimeMs: int32('0+'),
  },
);
export type RenewDelegationTokenResponse = MessageOf<typeof RenewDelegationTokenResponse>;

export const RenewDelegationToken = api({
  key: 39,
  name: 'RenewDelegationToken',
  listeners: ['broker', 'controller'],
  request: RenewDelegationTokenRequest,
  response: RenewDelegationTokenResponse,
});
