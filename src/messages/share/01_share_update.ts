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

/* A change of the state of a share partition. */

export const ShareUpdateKey = message(
  { name: 'ShareUpdateKey', key: 1, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    topicId: uuid('0'),
    partition: int32('0'),
  },
);
export type ShareUpdateKey = MessageOf<typeof ShareUpdateKey>;

export const ShareUpdateValue = message(
  { name: 'ShareUpdateValue', key: 1, versions: '0', flexible: '0+' },
  {
    snapshotEpoch: int32('0+'),
    leaderEpoch: int32('0+'),
    startOffset: int64('0+'),
    deliveryCompleteCount: int32('0+', { default: -1, tag: 0 }),
    stateBatches: array('0+', {
      firstOffset: int64('0+'),
      lastOffset: int64('0+'),
      deliveryState: int8('0+'),
      deliveryCount: int16('0+'),
    }),
  },
);
export type ShareUpdateValue = MessageOf<typeof ShareUpdateValue>;
