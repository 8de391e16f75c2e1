import { array, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A delegation token. */

export const DelegationTokenRecord = message(
  { name: 'DelegationTokenRecord', key: 10, versions: '0', flexible: '0+' },
  {
    owner: string('0+'),
    requester: string('0+'),
    renewers: array('0+', 'string'),
    issueTimestamp: int64('0+'),
    maxTimestamp: int64('0+'),
    expirationTimestamp: int64('0+'),
    tokenId: string('0+'),
  },
);
export type DelegationTokenRecord = MessageOf<typeof DelegationTokenRecord>;
