import { array, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The tasks that a member of a streams group shall hold. */

const taskIds = {
  subtopologyId: string('0+'),
  partitions: array('0+', 'int32'),
} as const;

export const StreamsGroupTargetAssignmentMemberKey = message(
  { name: 'StreamsGroupTargetAssignmentMemberKey', key: 21, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type StreamsGroupTargetAssignmentMemberKey = MessageOf<typeof StreamsGroupTargetAssignmentMemberKey>;

export const StreamsGroupTargetAssignmentMemberValue = message(
  { name: 'StreamsGroupTargetAssignmentMemberValue', key: 21, versions: '0', flexible: '0+' },
  {
    activeTasks: array('0+', taskIds),
    standbyTasks: array('0+', taskIds),
    warmupTasks: array('0+', taskIds),
  },
);
export type StreamsGroupTargetAssignmentMemberValue = MessageOf<
  typeof StreamsGroupTargetAssignmentMemberValue
>;
