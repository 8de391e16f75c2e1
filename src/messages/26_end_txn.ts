import { api, bool, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Commits or aborts a transaction. Since version 5 the epoch grows with each (KIP-890). */

export const EndTxnRequest = message(
  { name: 'EndTxnRequest', key: 26, versions: '0-5', flexible: '3+' },
  {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    committed: bool('0+'),
  },
);
export type EndTxnRequest = MessageOf<typeof EndTxnRequest>;

export const EndTxnResponse = message(
  { name: 'EndTxnResponse', key: 26, versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('5+', { default: -1n, ignorable: true }),
    producerEpoch: int16('5+', { default: -1, ignorable: true }),
  },
);
export type EndTxnResponse = MessageOf<typeof EndTxnResponse>;

export const EndTxn = api({
  key: 26,
  name: 'EndTxn',
  listeners: ['broker'],
  request: EndTxnRequest,
  response: EndTxnResponse,
});
