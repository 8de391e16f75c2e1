import { type MessageOf, message, string } from '../../protocol/schema.ts';

/* Ends a transaction of metadata records without effect (KIP-868). */

export const AbortTransactionRecord = message(
  { name: 'AbortTransactionRecord', key: 25, versions: '0', flexible: '0+' },
  {
    reason: string('0+', { nullable: '0+', default: null, tag: 0 }),
  },
);
export type AbortTransactionRecord = MessageOf<typeof AbortTransactionRecord>;
