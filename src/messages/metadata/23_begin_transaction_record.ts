import { type MessageOf, message, string } from '../../protocol/schema.ts';

/* Begins a transaction of metadata records (KIP-868). */

export const BeginTransactionRecord = message(
  { name: 'BeginTransactionRecord', key: 23, versions: '0', flexible: '0+' },
  {
    name: string('0+', { nullable: '0+', default: null, tag: 0 }),
  },
);
export type BeginTransactionRecord = MessageOf<typeof BeginTransactionRecord>;
