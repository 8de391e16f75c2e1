import {
  api,
  array,
  bool,
  int8,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';

/* Describes consumer groups of the new protocol. */

const topicPartitions = {
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: array('0+', 'int32'),
} as const;

const assignment = {
  topicPartitions: array('0+', topicPartitions),
} as const;

export const ConsumerGroupDescribeRequest = message(
  { name: 'ConsumerGroupDescribeRequest', key: 69, versions: '0-1', flexible: '0+' },
  {
    groupIds: array('0+', 'string'),
    includeAuthorizedOperations: bool('0+'),
  },
);
export type ConsumerGroupDescribeRequest = MessageOf<typeof ConsumerGroupDescribeRequest>;

export const ConsumerGroupDescribeResponse = message(
  { name: 'ConsumerGroupDescribeResponse', key: 69, versions: '0-1', flexible: '0+' },
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
        instanceId: string('0+', { nullable: '0+', default: null }),
        rackId: string('0+', { nullable: '0+', default: null }),
        memberEpoch: int32('0+'),
        clientId: string('0+'),
        clientHost: string('0+'),
        subscribedTopicNames: array('0+', 'string'),
        subscribedTopicRegex: string('0+', { nullable: '0+', default: null }),
        assignment: struct('0+', assignment),
        targetAssignment: struct('0+', assignment),
        memberType: int8('1+', { default: -1, ignorable: true }),
      }),
      authorizedOperations: int32('0+', { default: -2147483648 }),
    }),
  },
);
export type ConsumerGroupDescribeResponse = MessageOf<typeof ConsumerGroupDescribeResponse>;

export const ConsumerGroupDescribe = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  listeners: ['broker'],
  request: ConsumerGroupDescribeRequest,
  response: ConsumerGroupDescribeResponse,
});
