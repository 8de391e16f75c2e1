import { int8, int32, int64, type MessageOf, message, string, struct, uuid } from '../../protocol/schema.ts';

/* The deletion of a partition in tiered storage. */

export const RemotePartitionDeleteMetadataRecord = message(
  { name: 'RemotePartitionDeleteMetadataRecord', key: 2, versions: '0', flexible: '0+' },
  {
    topicIdPartition: struct('0+', {
      name: string('0+'),
      id: uuid('0+'),
      partition: int32('0+'),
    }),
    brokerId: int32('0+'),
    eventTimestampMs: int64('0+'),
    remotePartitionDeleteState: int8('0+'),
  },
);
export type RemotePartitionDeleteMetadataRecord = MessageOf<typeof RemotePartitionDeleteMetadataRecord>;
