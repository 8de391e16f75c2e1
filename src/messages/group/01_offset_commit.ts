import { int32, int64, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* An offset that a group committed. */

export const OffsetCommitKey = message(
  { name: 'OffsetCommitKey', key: 1, versions: '0', flexible: 'none' },
  {
    group: string('0'),
    topic: string('0'),
    partition: int32('0'),
  },
);
export type OffsetCommitKey = MessageOf<typeof OffsetCommitKey>;

export const OffsetCommitValue = message(
  { name: 'OffsetCommitValue', key: 1, versions: '0-4', flexible: '4+' },
  {
    offset: int64('0+'),
    leaderEpoch: int32('3+', { default: -1, ignorable: true }),
    metadata: string('0+'),
    commitTimestamp: int64('0+'),
    expireTimestamp: int64('1', { default: -1n, ignorable: true }),
    topicId: uuid('4+', { ignorable: true, tag: 0 }),
  },
);
export type OffsetCommitValue = MessageOf<typeof OffsetCommitValue>;
