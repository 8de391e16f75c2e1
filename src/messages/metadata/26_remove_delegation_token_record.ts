import { type MessageOf, message, string } from '../../protocol/schema.ts';

/* A delegation token was removed. */

export const RemoveDelegationTokenRecord = message(
  { name: 'RemoveDelegationTokenRecord', key: 26, versions: '0', flexible: '0+' },
  {
    tokenId: string('0+'),
  },
);
export type RemoveDelegationTokenRecord = MessageOf<typeof RemoveDelegationTokenRecord>;
