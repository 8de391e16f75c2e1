import { array, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* The partitions of a share group whose state was started. */

const topicPartitionsInfo = {
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: array('0+', 'int32'),
} as const;

const topicInfo = {
  topicId: uuid('0+'),
  topicName: string('0+'),
} as const;

export const ShareGroupStatePartitionMetadataKey = message(
  { name: 'ShareGroupStatePartitionMetadataKey', key: 15, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ShareGroupStatePartitionMetadataKey = MessageOf<typeof ShareGroupStatePartitionMetadataKey>;

export const ShareGroupStatePartitionMetadataValue = message(
  { name: 'ShareGroupStatePartitionMetadataValue', key: 15, versions: '0', flexible: '0+' },
  {
    initializingTopics: array('0+', topicPartitionsInfo),
    initializedTopics: array('0+', topicPartitionsInfo),
    deletingTopics: array('0+', topicInfo),
  },
);
export type ShareGroupStatePartitionMetadataValue = MessageOf<typeof ShareGroupStatePartitionMetadataValue>;
