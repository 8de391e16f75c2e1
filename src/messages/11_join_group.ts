import {
  api,
  array,
  bool,
  bytes,
  int16,
  int32,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/*
 * Joins a classic group, and waits until the group has its members. The member id comes from the broker since
 * version 4 (KIP-394), static members since 5 (KIP-345).
 */

export const JoinGroupRequest = message(
  { name: 'JoinGroupRequest', key: 11, versions: '0-9', flexible: '6+' },
  {
    groupId: string('0+'),
    sessionTimeoutMs: int32('0+'),
    rebalanceTimeoutMs: int32('1+', { default: -1, ignorable: true }),
    memberId: string('0+'),
    groupInstanceId: string('5+', { nullable: '5+', default: null }),
    protocolType: string('0+'),
    protocols: array('0+', {
      name: string('0+'),
      metadata: bytes('0+'),
    }),
    reason: string('8+', { nullable: '8+', default: null, ignorable: true }),
  },
);
export type JoinGroupRequest = MessageOf<typeof JoinGroupRequest>;

export const JoinGroupResponse = message(
  { name: 'JoinGroupResponse', key: 11, versions: '0-9', flexible: '6+' },
  {
    throttleTimeMs: int32('2+', { ignorable: true }),
    errorCode: int16('0+'),
    generationId: int32('0+', { default: -1 }),
    protocolType: string('7+', { nullable: '7+', default: null, ignorable: true }),
    protocolName: string('0+', { nullable: '7+' }),
    leader: string('0+'),
    skipAssignment: bool('9+', { default: false }),
    memberId: string('0+'),
    members: array('0+', {
      memberId: string('0+'),
      groupInstanceId: string('5+', { nullable: '5+', default: null, ignorable: true }),
      metadata: bytes('0+'),
    }),
  },
);
export type JoinGroupResponse = MessageOf<typeof JoinGroupResponse>;

export const JoinGroup = api({
  key: 11,
  name: 'JoinGroup',
  listeners: ['broker'],
  request: JoinGroupRequest,
  response: JoinGroupResponse,
});
