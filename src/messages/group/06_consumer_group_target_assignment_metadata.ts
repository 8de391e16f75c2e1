import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The epoch of a consumer group's target assignment. */

export const ConsumerGroupTargetAssignmentMetadataKey = message(
  { name: 'ConsumerGroupTargetAssignmentMetadataKey', key: 6, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ConsumerGroupTargetAssignmentMetadataKey = MessageOf<
  typeof ConsumerGroupTargetAssignmentMetadataKey
>;

export const ConsumerGroupTargetAssignmentMetadataValue = message(
  { name: 'ConsumerGroupTargetAssignmentMetadataValue', key: 6, versions: '0', flexible: '0+' },
  {
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { default: 0n, ignorable: true, tag: 0 }),
  },
);
export type ConsumerGroupTargetAssignmentMetadataValue = MessageOf<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>;
