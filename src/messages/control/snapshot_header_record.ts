import { int16, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* The value of the first control record of a snapshot. */

export const SnapshotHeaderRecord = message(
  { name: 'SnapshotHeaderRecord', versions: '0', flexible: '0+' },
  {
    version: int16('0+'),
    lastContainedLogTimestamp: int64('0+'),
  },
);
export type SnapshotHeaderRecord = MessageOf<typeof SnapshotHeaderRecord>;
