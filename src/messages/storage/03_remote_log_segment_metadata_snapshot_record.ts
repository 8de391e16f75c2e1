import {
  array,
  bool,
  bytes,
  int8,
  int32,
  int64,
  type MessageOf,
  message,
  uuid,
} from '../../protocol/schema.ts';

/* A segment in tiered storage, in a snapshot. */

export const RemoteLogSegmentMetadataSnapshotRecord = message(
  { name: 'RemoteLogSegmentMetadataSnapshotRecord', key: 3, versions: '0', flexible: '0+' },
  {
    segmentId: uuid('0+'),
    startOffset: int64('0+'),
    endOffset: int64('0+'),
    brokerId: int32('0+'),
    maxTimestampMs: int64('0+'),
    eventTimestampMs: int64('0+'),
    segmentLeaderEpochs: array('0+', {
      leaderEpoch: int32('0+'),
      offset: int64('0+'),
    }),
    segmentSizeInBytes: int32('0+'),
    customMetadata: bytes('0+', { nullable: '0+', default: null }),
    remoteLogSegmentState: int8('0+'),
    txnIndexEmpty: bool('0+', { tag: 0 }),
  },
);
export type RemoteLogSegmentMetadataSnapshotRecord = MessageOf<typeof RemoteLogSegmentMetadataSnapshotRecord>;
