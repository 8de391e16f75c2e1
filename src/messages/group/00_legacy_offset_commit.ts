import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* An offset that a group committed, in the first format. */

export const LegacyOffsetCommitKey = message(
  { name: 'LegacyOffsetCommitKey', key: 0, versions: '0', flexible: 'none' },
  {
    group: string('0'),
    topic: string('0'),
    partition: int32('0'),
  },
);
export type LegacyOffsetCommitKey = MessageOf<typeof LegacyOffsetCommitKey>;

export const LegacyOffsetCommitValue = message(
  { name: 'LegacyOffsetCommitValue', key: 0, versions: '0', flexible: 'none' },
  {
    offset: int64('0'),
    metadata: string('0'),
    commitTimestamp: int64('0'),
  },
);
export type LegacyOffsetCommitValue = MessageOf<typeof LegacyOffsetCommitValue>;
