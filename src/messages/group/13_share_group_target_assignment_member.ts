import { array, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* What a member of a share group shall hold. */

export const ShareGroupTargetAssignmentMemberKey = message(
  { name: 'ShareGroupTargetAssignmentMemberKey', key: 13, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type ShareGroupTargetAssignmentMemberKey = MessageOf<typeof ShareGroupTargetAssignmentMemberKey>;

export const ShareGroupTargetAssignmentMemberValue = message(
  { name: 'ShareGroupTargetAssignmentMemberValue', key: 13, versions: '0', flexible: '0+' },
  {
    topicPartitions: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', 'int32'),
    }),
  },
);
export type ShareGroupTargetAssignmentMemberValue = MessageOf<typeof ShareGroupTargetAssignmentMemberValue>;
