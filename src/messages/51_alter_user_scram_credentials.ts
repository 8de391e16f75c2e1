import {
  api,
  array,
  bytes,
  int8,
  int16,
  int32,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/* Sets and deletes SCRAM credentials (KIP-554). */

export const AlterUserScramCredentialsRequest = message(
  { name: 'AlterUserScramCredentialsRequest', key: 51, versions: '0', flexible: '0+' },
  {
    deletions: array('0+', {
      name: string('0+'),
      mechanism: int8('0+'),
    }),
    upsertions: array('0+', {
      name: string('0+'),
      mechanism: int8('0+'),
      iterations: int32('0+'),
      salt: bytes('0+'),
      saltedPassword: bytes('0+'),
    }),
  },
);
export type AlterUserScramCredentialsRequest = MessageOf<typeof AlterUserScramCredentialsRequest>;

export const AlterUserScramCredentialsResponse = message(
  { name: 'AlterUserScramCredentialsResponse', key: 51, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      user: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
    }),
  },
);
export type AlterUserScramCredentialsResponse = MessageOf<typeof AlterUserScramCredentialsResponse>;

export const AlterUserScramCredentials = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  listeners: ['broker', 'controller'],
  request: AlterUserScramCredentialsRequest,
  response: AlterUserScramCredentialsResponse,
});
