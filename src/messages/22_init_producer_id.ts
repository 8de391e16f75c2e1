import { api, bool, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Gives a producer its id and epoch. For idempotent and transactional producers (KIP-98). */

export const InitProducerIdRequest = message(
  { name: 'InitProducerIdRequest', key: 22, versions: '0-6', flexible: '2+' },
  {
    transactionalId: string('0+', { nullable: '0+' }),
    transactionTimeoutMs: int32('0+'),
    producerId: int64('3+', { default: -1n }),
    producerEpoch: int16('3+', { default: -1 }),
    enable2Pc: bool('6+', { default: false }),
    keepPreparedTxn: bool('6+', { default: false }),
  },
);
export type InitProducerIdRequest = MessageOf<typeof InitProducerIdRequest>;

export const InitProducerIdResponse = message(
  { name: 'InitProducerIdResponse', key: 22, versions: '0-6', flexible: '2+' },
  {
    throttleTimeMs: int32('0+', { ignorable: true }),
    errorCode: int16('0+'),
    producerId: int64('0+', { default: -1n }),
    producerEpoch: int16('0+'),
    ongoingTxnProducerId: int64('6+', { default: -1n }),
    ongoingTxnProducerEpoch: int16('6+', { default: -1 }),
  },
);
export type InitProducerIdResponse = MessageOf<typeof InitProducerIdResponse>;

export const InitProducerId = api({
  key: 22,
  name: 'InitProducerId',
  listeners: ['broker'],
  latestVersionUnstable: true,
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
});
