import { api, array, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Removes the access rules that match filters. */

export const DeleteAclsRequest = message(
  { name: 'DeleteAclsRequest', key: 31, versions: '1-3', flexible: '2+' },
  {
    filters: array('0+', {
      resourceTypeFilter: int8('0+'),
      resourceNameFilter: string('0+', { nullable: '0+' }),
      patternTypeFilter: int8('1+', { default: 3 }),
      principalFilter: string('0+', { nullable: '0+' }),
      hostFilter: string('0+', { nullable: '0+' }),
      operation: int8('0+'),
      permissionType: int8('0+'),
    }),
  },
);
export type DeleteAclsRequest = MessageOf<typeof DeleteAclsRequest>;

export const DeleteAclsResponse = message(
  { name: 'DeleteAclsResponse', key: 31, versions: '1-3', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    filterResults: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      matchingAcls: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
        patternType: int8('1+', { default: 3 }),
        principal: string('0+'),
        host: string('0+'),
        operation: int8('0+'),
        permissionType: int8('0+'),
      }),
    }),
  },
);
export type DeleteAclsResponse = MessageOf<typeof DeleteAclsResponse>;

export const DeleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  listeners: ['broker', 'controller'],
  request: DeleteAclsRequest,
  response: DeleteAclsResponse,
});
