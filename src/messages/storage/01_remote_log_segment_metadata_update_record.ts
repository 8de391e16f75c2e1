import {
  bytes,
  int8,
  int32,
  int64,
  type MessageOf,
  message,
  string,
  struct,
  uuid,
} from '../../protocol/schema.ts';

/* A change of state of a segment in tiered storage. */

export const RemoteLogSegmentMetadataUpdateRecord = message(
  { name: 'RemoteLogSegmentMetadataUpdateRecord', key: 1, versions: '0', flexible: '0+' },
  {
    remoteLogSegmentId: struct('0+', {
      topicIdPartition: struct('0+', {
        name: string('0+'),
        id: uuid('0+'),
        partition: int32('0+'),
      }),
      id: uuid('0+'),
    }),
    brokerId: int32('0+'),
    eventTimestampMs: int64('0+'),
    customMetadata: bytes('0+', { nullable: '0+', default: null }),
    remoteLogSegmentState: int8('0+'),
  },
);
export type RemoteLogSegmentMetadataUpdateRecord = MessageOf<typeof RemoteLogSegmentMetadataUpdateRecord>;
