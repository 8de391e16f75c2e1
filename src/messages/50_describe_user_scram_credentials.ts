import { api, array, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists which SCRAM credentials users have (KIP-554). */

export const DescribeUserScramCredentialsRequest = message(
  { name: 'DescribeUserScramCredentialsRequest', key: 50, versions: '0', flexible: '0+' },
  {
    users: array(
      '0+',
      {
        name: string('0+'),
      },
      { nullable: '0+' },
    ),
  },
);
export type DescribeUserScramCredentialsRequest = MessageOf<typeof DescribeUserScramCredentialsRequest>;

export const DescribeUserScramCredentialsResponse = message(
  { name: 'DescribeUserScramCredentialsResponse', key: 50, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    results: array('0+', {
      user: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      credentialInfos: array('0+', {
        mechanism: int8('0+'),
        iterations: int32('0+'),
      }),
    }),
  },
);
export type DescribeUserScramCredentialsResponse = MessageOf<typeof DescribeUserScramCredentialsResponse>;

export const DescribeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  listeners: ['broker', 'controller'],
  request: DescribeUserScramCredentialsRequest,
  response: DescribeUserScramCredentialsResponse,
});
