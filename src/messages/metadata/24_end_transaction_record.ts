import { type MessageOf, message } from '../../protocol/schema.ts';

/* Ends a transaction of metadata records (KIP-868). */

export const EndTransactionRecord = message(
  { name: 'EndTransactionRecord', key: 24, versions: '0', flexible: '0+' },
  {},
);
export type EndTransactionRecord = MessageOf<typeof EndTransactionRecord>;
