import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Deletes groups without members. */

export const DeleteGroupsRequest = message(
  { name: 'DeleteGroupsRequest', key: 42, versions: '0-3', flexible: '2+' },
  {
    groupsNames: array('0+', 'string'),
  },
);
export type DeleteGroupsRequest = MessageOf<typeof DeleteGroupsRequest>;

export const DeleteGroupsResponse = message(
  { name: 'DeleteGroupsResponse', key: 42, versions: '0-3', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      groupId: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('3+', { nullable: '3+', default: null, ignorable: true }),
    }),
  },
);
export type DeleteGroupsResponse = MessageOf<typeof DeleteGroupsResponse>;

export const DeleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  listeners: ['broker'],
  request: DeleteGroupsRequest,
  response: DeleteGroupsResponse,
});
