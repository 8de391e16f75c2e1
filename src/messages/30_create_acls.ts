import { api, array, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Adds access rules. */

export const CreateAclsRequest = message(
  { name: 'CreateAclsRequest', key: 30, versions: '1-3', flexible: '2+' },
  {
    creations: array('0+', {
      resourceType: int8('0+'),
      resourceName: string('0+'),
      resourcePatternType: int8('1+', { default: 3 }),
      principal: string('0+'),
      host: string('0+'),
      operation: int8('0+'),
      permissionType: int8('0+'),
    }),
  },
);
export type CreateAclsRequest = MessageOf<typeof CreateAclsRequest>;

export const CreateAclsResponse = message(
  { name: 'CreateAclsResponse', key: 30, versions: '1-3', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
    }),
  },
);
export type CreateAclsResponse = MessageOf<typeof CreateAclsResponse>;

export const CreateAcls = api({
  key: 30,
  name: 'CreateAcls',
  listeners: ['broker', 'controller'],
  request: CreateAclsRequest,
  response: CreateAclsResponse,
});
