import { array, int32, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* The partitions that a consumer group's topics had; no longer written. */

export const ConsumerGroupPartitionMetadataKey = message(
  { name: 'ConsumerGroupPartitionMetadataKey', key: 4, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ConsumerGroupPartitionMetadataKey = MessageOf<typeof ConsumerGroupPartitionMetadataKey>;

export const ConsumerGroupPartitionMetadataValue = message(
  { name: 'ConsumerGroupPartitionMetadataValue', key: 4, versions: '0', flexible: '0+' },
  {
    topics: array('0+', {
      topicId: uuid('0+'),
      topicName: string('0+'),
      numPartitions: int32('0+'),
      partitionMetadata: array('0+', {
        partition: int32('0+'),
        racks: array('0+', 'string'),
      }),
    }),
  },
);
export type ConsumerGroupPartitionMetadataValue = MessageOf<typeof ConsumerGroupPartitionMetadataValue>;
