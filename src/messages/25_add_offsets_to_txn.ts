import { api, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Takes the offsets of a group into a transaction. */

export const AddOffsetsToTxnRequest = message(
  { name: 'AddOffsetsToTxnRequest', key: 25, versions: '0-4', flexible: '3+' },
  {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    groupId: string('0+'),
  },
);
export type AddOffsetsToTxnRequest = MessageOf<typeof AddOffsetsToTxnRequest>;

export const AddOffsetsToTxnResponse = message(
  { name: 'AddOffsetsToTxnResponse', key: 25, versions: '0-4', flexible: '3+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
  },
);
export type AddOffsetsToTxnResponse = MessageOf<typeof AddOffsetsToTxnResponse>;

export const AddOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  listeners: ['broker'],
  request: AddOffsetsToTxnRequest,
  response: AddOffsetsToTxnResponse,
});
