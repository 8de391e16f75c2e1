import {
  array,
  int8,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
  uuid,
} from '../../protocol/schema.ts';

/* The whole state of a share partition. */

export const ShareSnapshotKey = message(
  { name: 'ShareSnapshotKey', key: 0, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    topicId: uuid('0'),
    partition: int32('0'),
  },
);
export type ShareSnapshotKey = MessageOf<typeof ShareSnapshotKey>;

export const ShareSnapshotValue = message(
  { name: 'ShareSnapshotValue', key: 0, versions: '0', flexible: '0+' },
  {
    snapshotEpoch: int32('0+'),
    stateEpoch: int32('0+'),
    leaderEpoch: int32('0+'),
    startOffset: int64('0+'),
    deliveryCompleteCount: int32('0+', { default: -1, tag: 0 }),
    createTimestamp: int64('0+'),
    writeTimestamp: int64('0+'),
    stateBatches: array('0+', {
      firstOffset: int64('0+'),
      lastOffset: int64('0+'),
      deliveryState: int8('0+'),
      deliveryCount: int16('0+'),
    }),
  },
);
export type ShareSnapshotValue = MessageOf<typeof ShareSnapshotValue>;
