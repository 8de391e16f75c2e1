import { array, int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A streams group with its epoch. */

const lastAssignmentConfig = {
  key: string('0+'),
  value: string('0+'),
} as const;

export const StreamsGroupMetadataKey = message(
  { name: 'StreamsGroupMetadataKey', key: 17, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type StreamsGroupMetadataKey = MessageOf<typeof StreamsGroupMetadataKey>;

export const StreamsGroupMetadataValue = message(
  { name: 'StreamsGroupMetadataValue', key: 17, versions: '0', flexible: '0+' },
  {
    epoch: int32('0+'),
    metadataHash: int64('0+'),
    validatedTopologyEpoch: int32('0+', { default: -1, tag: 0 }),
    lastAssignmentConfigs: array('0+', lastAssignmentConfig, { nullable: '0+', tag: 1 }),
    storedDescriptionTopologyEpoch: int32('0+', { default: -1, tag: 2 }),
    failedDescriptionTopologyEpoch: int32('0+', { default: -1, tag: 3 }),
  },
);
export type StreamsGroupMetadataValue = MessageOf<typeof StreamsGroupMetadataValue>;
