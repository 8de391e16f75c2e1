import {
  api,
  array,
  bool,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';

/* Describes share groups. */

const topicPartitions = {
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: array('0+', 'int32'),
} as const;

const assignment = {
  topicPartitions: array('0+', topicPartitions),
} as const;

export const ShareGroupDescribeRequest = message(
  { name: 'ShareGroupDescribeRequest', key: 77, versions: '1', flexible: '0+' },
  {
    groupIds: array('0+', 'string'),
    includeAuthorizedOperations: bool('0+'),
  },
);
export type ShareGroupDescribeRequest = MessageOf<typeof ShareGroupDescribeRequest>;

export const ShareGroupDescribeResponse = message(
  { name: 'ShareGroupDescribeResponse', key: 77, versions: '1', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    groups: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      groupId: string('0+'),
      groupState: string('0+'),
      groupEpoch: int32('0+'),
      assignmentEpoch: int32('0+'),
      assignorName: string('0+'),
      members: array('0+', {
        memberId: string('0+'),
        rackId: string('0+', { nullable: '0+', default: null }),
        memberEpoch: int32('0+'),
        clientId: string('0+'),
        clientHost: string('0+'),
        subscribedTopicNames: array('0+', 'string'),
        assignment: struct('0+', assignment),
      }),
      authorizedOperations: int32('0+', { default: -2147483648 }),
    }),
  },
);
export type ShareGroupDescribeResponse = MessageOf<typeof ShareGroupDescribeResponse>;

export const ShareGroupDescribe = api({
  key: 77,
  name: 'ShareGroupDescribe',
  listeners: ['broker'],
  request: ShareGroupDescribeRequest,
  response: ShareGroupDescribeResponse,
});
