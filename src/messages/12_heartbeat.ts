import { api, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Keeps a member of a classic group alive and tells it of rebalances. */

export const HeartbeatRequest = message(
  { name: 'HeartbeatRequest', key: 12, versions: '0-4', flexible: '4+' },
  {
    groupId: string('0+'),
    generationId: int32('0+'),
    memberId: string('0+'),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
  },
);
export type HeartbeatRequest = MessageOf<typeof HeartbeatRequest>;

export const HeartbeatResponse = message(
  { name: 'HeartbeatResponse', key: 12, versions: '0-4', flexible: '4+' },
  {
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
  },
);
export type HeartbeatResponse = MessageOf<typeof HeartbeatResponse>;

export const Heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  listeners: ['broker'],
  request: HeartbeatRequest,
  response: HeartbeatResponse,
});
