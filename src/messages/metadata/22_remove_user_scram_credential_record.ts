import { int8, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A SCRAM credential was removed. */

export const RemoveUserScramCredentialRecord = message(
  { name: 'RemoveUserScramCredentialRecord', key: 22, versions: '0', flexible: '0+' },
  {
    name: string('0+'),
    mechanism: int8('0+'),
  },
);
export type RemoveUserScramCredentialRecord = MessageOf<typeof RemoveUserScramCredentialRecord>;
