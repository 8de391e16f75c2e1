import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The epoch of a share group's target assignment. */

export const ShareGroupTargetAssignmentMetadataKey = message(
  { name: 'ShareGroupTargetAssignmentMetadataKey', key: 12, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ShareGroupTargetAssignmentMetadataKey = MessageOf<typeof ShareGroupTargetAssignmentMetadataKey>;

export const ShareGroupTargetAssignmentMetadataValue = message(
  { name: 'ShareGroupTargetAssignmentMetadataValue', key: 12, versions: '0', flexible: '0+' },
  {
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { default: 0n, ignorable: true, tag: 0 }),
  },
);
export type ShareGroupTargetAssignmentMetadataValue = MessageOf<
  typeof ShareGroupTargetAssignmentMetadataValue
>;
