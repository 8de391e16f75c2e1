import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Takes members out of a classic group. Several at once since version 3. */

export const LeaveGroupRequest = message(
  { name: 'LeaveGroupRequest', key: 13, versions: '0-5', flexible: '4+' },
  {
    groupId: string('0+'),
    memberId: string('0-2'),
    members: array('3+', {
      memberId: string('3+'),
      groupInstanceId: string('3+', { nullable: '3+', default: null }),
      reason: string('5+', { nullable: '5+', default: null, ignorable: true }),
    }),
  },
);
export type LeaveGroupRequest = MessageOf<typeof LeaveGroupRequest>;

export const LeaveGroupResponse = message(
  { name: 'LeaveGroupResponse', key: 13, versions: '0-5', flexible: '4+' },
  {
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
    members: array('3+', {
      memberId: string('3+'),
      groupInstanceId: string('3+', { nullable: '3+' }),
      errorCode: int16('3+'),
    }),
  },
);
export type LeaveGroupResponse = MessageOf<typeof LeaveGroupResponse>;

export const LeaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  listeners: ['broker'],
  request: LeaveGroupRequest,
  response: LeaveGroupResponse,
});
