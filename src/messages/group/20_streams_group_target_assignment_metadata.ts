import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The epoch of a streams group's target assignment. */

export const StreamsGroupTargetAssignmentMetadataKey = message(
  { name: 'StreamsGroupTargetAssignmentMetadataKey', key: 20, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type StreamsGroupTargetAssignmentMetadataKey = MessageOf<
  typeof StreamsGroupTargetAssignmentMetadataKey
>;

export const StreamsGroupTargetAssignmentMetadataValue = message(
  { name: 'StreamsGroupTargetAssignmentMetadataValue', key: 20, versions: '0', flexible: '0+' },
  {
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { default: 0n, ignorable: true, tag: 0 }),
  },
);
export type StreamsGroupTargetAssignmentMetadataValue = MessageOf<
  typeof StreamsGroupTargetAssignmentMetadataValue
>;
