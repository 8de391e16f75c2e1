import { api, array, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Describes transactions by transactional id (KIP-664). */

export const DescribeTransactionsRequest = message(
  { name: 'DescribeTransactionsRequest', key: 65, versions: '0', flexible: '0+' },
  {
    transactionalIds: array('0+', 'string'),
  },
);
export type DescribeTransactionsRequest = MessageOf<typeof DescribeTransactionsRequest>;

export const DescribeTransactionsResponse = message(
  { name: 'DescribeTransactionsResponse', key: 65, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    transactionStates: array('0+', {
      errorCode: int16('0+'),
      transactionalId: string('0+'),
      transactionState: string('0+'),
      transactionTimeoutMs: int32('0+'),
      transactionStartTimeMs: int64('0+'),
      producerId: int64('0+'),
      producerEpoch: int16('0+'),
      topics: array('0+', {
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      }),
    }),
  },
);
export type DescribeTransactionsResponse = MessageOf<typeof DescribeTransactionsResponse>;

export const DescribeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  listeners: ['broker'],
  request: DescribeTransactionsRequest,
  response: DescribeTransactionsResponse,
});
