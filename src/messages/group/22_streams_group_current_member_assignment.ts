import { array, int8, int32, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The tasks that a member of a streams group holds. */

const taskIds = {
  subtopologyId: string('0+'),
  partitions: array('0+', 'int32'),
  assignmentEpochs: array('0+', 'int32', { nullable: '0+', tag: 0 }),
} as const;

export const StreamsGroupCurrentMemberAssignmentKey = message(
  { name: 'StreamsGroupCurrentMemberAssignmentKey', key: 22, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type StreamsGroupCurrentMemberAssignmentKey = MessageOf<typeof StreamsGroupCurrentMemberAssignmentKey>;

export const StreamsGroupCurrentMemberAssignmentValue = message(
  { name: 'StreamsGroupCurrentMemberAssignmentValue', key: 22, versions: '0', flexible: '0+' },
  {
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    activeTasks: array('0+', taskIds),
    standbyTasks: array('0+', taskIds),
    warmupTasks: array('0+', taskIds),
    activeTasksPendingRevocation: array('0+', taskIds),
    standbyTasksPendingRevocation: array('0+', taskIds),
    warmupTasksPendingRevocation: array('0+', taskIds),
  },
);
export type StreamsGroupCurrentMemberAssignmentValue = MessageOf<
  typeof StreamsGroupCurrentMemberAssignmentValue
>;
