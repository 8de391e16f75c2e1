import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists the groups that a broker coordinates. Filtered by state since version 4, by type since 5. */

export const ListGroupsRequest = message(
  { name: 'ListGroupsRequest', key: 16, versions: '0-5', flexible: '3+' },
  {
    statesFilter: array('4+', 'string'),
    typesFilter: array('5+', 'string'),
  },
);
export type ListGroupsRequest = MessageOf<typeof ListGroupsRequest>;

export const ListGroupsResponse = message(
  { name: 'ListGroupsResponse', key: 16, versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
    groups: array('0+', {
      groupId: string('0+'),
      protocolType: string('0+'),
      groupState: string('4+', { ignorable: true }),
      groupType: string('5+', { ignorable: true }),
    }),
  },
);
export type ListGroupsResponse = MessageOf<typeof ListGroupsResponse>;

export const ListGroups = api({
  key: 16,
  name: 'ListGroups',
  listeners: ['broker'],
  request: ListGroupsRequest,
  response: ListGroupsResponse,
});
