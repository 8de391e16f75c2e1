import { api, array, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists the transactions of a coordinator (KIP-664). */

export const ListTransactionsRequest = message(
  { name: 'ListTransactionsRequest', key: 66, versions: '0-2', flexible: '0+' },
  {
    stateFilters: array('0+', 'string'),
    producerIdFilters: array('0+', 'int64'),
    durationFilter: int64('1+', { default: -1n }),
    transactionalIdPattern: string('2+', { nullable: '2+', default: null }),
  },
);
export type ListTransactionsRequest = MessageOf<typeof ListTransactionsRequest>;

export const ListTransactionsResponse = message(
  { name: 'ListTransactionsResponse', key: 66, versions: '0-2', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    unknownStateFilters: array('0+', 'string'),
    transactionStates: array('0+', {
      transactionalId: string('0+'),
      producerId: int64('0+'),
      transactionState: string('0+'),
    }),
  },
);
export type ListTransactionsResponse = MessageOf<typeof ListTransactionsResponse>;

export const ListTransactions = api({
  key: 66,
  name: 'ListTransactions',
  listeners: ['broker'],
  request: ListTransactionsRequest,
  response: ListTransactionsResponse,
});
