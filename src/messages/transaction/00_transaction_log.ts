import { array, int8, int16, int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The state of a transactional id. */

export const TransactionLogKey = message(
  { name: 'TransactionLogKey', key: 0, versions: '0', flexible: 'none' },
  {
    transactionalId: string('0'),
  },
);
export type TransactionLogKey = MessageOf<typeof TransactionLogKey>;

export const TransactionLogValue = message(
  { name: 'TransactionLogValue', key: 0, versions: '0-1', flexible: '1+' },
  {
    producerId: int64('0+'),
    previousProducerId: int64('1+', { default: -1n, tag: 0 }),
    nextProducerId: int64('1+', { default: -1n, tag: 1 }),
    producerEpoch: int16('0+'),
    nextProducerEpoch: int16('1+', { default: -1, tag: 3 }),
    transactionTimeoutMs: int32('0+'),
    transactionStatus: int8('0+'),
    transactionPartitions: array(
      '0+',
      {
        topic: string('0+'),
        partitionIds: array('0+', 'int32'),
      },
      { nullable: '0+' },
    ),
    transactionLastUpdateTimestampMs: int64('0+'),
    transactionStartTimestampMs: int64('0+'),
    clientTransactionVersion: int16('1+', { default: 0, tag: 2 }),
  },
);
export type TransactionLogValue = MessageOf<typeof TransactionLogValue>;
