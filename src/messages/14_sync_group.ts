import { api, array, bytes, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Hands in, as the group's leader, or collects the assignment of a classic group. */

export const SyncGroupRequest = message(
  { name: 'SyncGroupRequest', key: 14, versions: '0-5', flexible: '4+' },
  {
    groupId: string('0+'),
    generationId: int32('0+'),
    memberId: string('0+'),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
    protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
    protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
    assignments: array('0+', {
      memberId: string('0+'),
      assignment: bytes('0+'),
    }),
  },
);
export type SyncGroupRequest = MessageOf<typeof SyncGroupRequest>;

export const SyncGroupResponse = message(
  { name: 'SyncGroupResponse', key: 14, versions: '0-5', flexible: '4+' },
  {
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
    protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
    protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
    assignment: bytes('0+'),
  },
);
export type SyncGroupResponse = MessageOf<typeof SyncGroupResponse>;

export const SyncGroup = api({
  key: 14,
  name: 'SyncGroup',
  listeners: ['broker'],
  request: SyncGroupRequest,
  response: SyncGroupResponse,
});
