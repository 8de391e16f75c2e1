import { api, bytes, int16, int32, int64, type MessageOf, message } from '../protocol/schema.ts';

/* Ends a delegation token, or brings its end nearer. */

export const ExpireDelegationTokenRequest = message(
  { name: 'ExpireDelegationTokenRequest', key: 40, versions: '1-2', flexible: '2+' },
  {
    hmac: bytes('0+'),
    expiryTimePeriodMs: int64('0+'),
  },
);
export type ExpireDelegationTokenRequest = MessageOf<typeof ExpireDelegationTokenRequest>;

export const ExpireDelegationTokenResponse = message(
  { name: 'ExpireDelegationTokenResponse', key: 40, versions: '1-2', flexible: '2+' },
  {
    errorCode: int16('0+'),
    expiryTimestampMs: int64('0+'),
    throttleTimeMs: int32('0+'),
  },
);
export type ExpireDelegationTokenResponse = MessageOf<typeof ExpireDelegationTokenResponse>;

export const ExpireDelegationToken = api({
  key: 40,
  name: 'ExpireDelegationToken',
  listeners: ['broker', 'controller'],
  request: ExpireDelegationTokenRequest,
  response: ExpireDelegationTokenResponse,
});
