import { int32, type MessageOf, message } from '../../protocol/schema.ts';

/* The value of a control record that ends a transaction. */

export const EndTxnMarker = message(
  { name: 'EndTxnMarker', versions: '0', flexible: 'none' },
  {
    coordinatorEpoch: int32('0+'),
  },
);
export type EndTxnMarker = MessageOf<typeof EndTxnMarker>;
