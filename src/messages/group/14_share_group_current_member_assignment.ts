import { array, int8, int32, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* What a member of a share group holds. */

const topicPartitions = {
  topicId: uuid('0+'),
  partitions: array('0+', 'int32'),
} as const;

export const ShareGroupCurrentMemberAssignmentKey = message(
  { name: 'ShareGroupCurrentMemberAssignmentKey', key: 14, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type ShareGroupCurrentMemberAssignmentKey = MessageOf<typeof ShareGroupCurrentMemberAssignmentKey>;

export const ShareGroupCurrentMemberAssignmentValue = message(
  { name: 'ShareGroupCurrentMemberAssignmentValue', key: 14, versions: '0', flexible: '0+' },
  {
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', topicPartitions),
  },
);
export type ShareGroupCurrentMemberAssignmentValue = MessageOf<typeof ShareGroupCurrentMemberAssignmentValue>;
