import {
  api,
  array,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';

/* Joins, keeps and leaves a share group (KIP-932). */

const topicPartitions = {
  topicId: uuid('0+'),
  partitions: array('0+', 'int32'),
} as const;

export const ShareGroupHeartbeatRequest = message(
  { name: 'ShareGroupHeartbeatRequest', key: 76, versions: '1', flexible: '0+' },
  {
    groupId: string('0+'),
    memberId: string('0+'),
    memberEpoch: int32('0+'),
    rackId: string('0+', { nullable: '0+', default: null }),
    subscribedTopicNames: array('0+', 'string', { nullable: '0+', default: null }),
  },
);
export type ShareGroupHeartbeatRequest = MessageOf<typeof ShareGroupHeartbeatRequest>;

export const ShareGroupHeartbeatResponse = message(
  { name: 'ShareGroupHeartbeatResponse', key: 76, versions: '1', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+', { nullable: '0+', default: null }),
    memberEpoch: int32('0+'),
    heartbeatIntervalMs: int32('0+'),
    assignment: struct(
      '0+',
      {
        topicPartitions: array('0+', topicPartitions),
      },
      { nullable: '0+', default: null },
    ),
  },
);
export type ShareGroupHeartbeatResponse = MessageOf<typeof ShareGroupHeartbeatResponse>;

export const ShareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  listeners: ['broker'],
  request: ShareGroupHeartbeatRequest,
  response: ShareGroupHeartbeatResponse,
});
