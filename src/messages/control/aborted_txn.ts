import { int64, type MessageOf, message } from '../../protocol/schema.ts';

/* An entry of a segment's transaction index: one aborted transaction. */

export const AbortedTxn = message(
  { name: 'AbortedTxn', versions: '0', flexible: 'none' },
  {
    producerId: int64('0+'),
    firstOffset: int64('0+'),
    lastOffset: int64('0+'),
    lastStableOffset: int64('0+'),
  },
);
export type AbortedTxn = MessageOf<typeof AbortedTxn>;
