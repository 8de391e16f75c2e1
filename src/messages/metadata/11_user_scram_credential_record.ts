import { bytes, int8, int32, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A SCRAM credential of a user. */

export const UserScramCredentialRecord = message(
  { name: 'UserScramCredentialRecord', key: 11, versions: '0', flexible: '0+' },
  {
    name: string('0+'),
    mechanism: int8('0+'),
    salt: bytes('0+'),
    storedKey: bytes('0+'),
    serverKey: bytes('0+'),
    iterations: int32('0+'),
  },
);
export type UserScramCredentialRecord = MessageOf<typeof UserScramCredentialRecord>;
