import { int16, type MessageOf, message } from '../../protocol/schema.ts';

/* The value of the last control record of a snapshot. */

export const SnapshotFooterRecord = message(
  { name: 'SnapshotFooterRecord', versions: '0', flexible: '0+' },
  {
    version: int16('0+'),
  },
);
export type SnapshotFooterRecord = MessageOf<typeof SnapshotFooterRecord>;
