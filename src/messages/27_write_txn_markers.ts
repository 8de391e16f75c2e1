import {
  api,
  array,
  bool,
  int8,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/*
 * Has commit or abort markers written at the end of a transaction; from the coordinator to the partitions'
 * leaders.
 */

export const WriteTxnMarkersRequest = message(
  { name: 'WriteTxnMarkersRequest', key: 27, versions: '1-2', flexible: '1+' },
  {
    markers: array('0+', {
      producerId: int64('0+'),
      producerEpoch: int16('0+'),
      transactionResult: bool('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitionIndexes: array('0+', 'int32'),
      }),
      coordinatorEpoch: int32('0+'),
      transactionVersion: int8('2+', { default: 0, ignorable: true }),
    }),
  },
);
export type WriteTxnMarkersRequest = MessageOf<typeof WriteTxnMarkersRequest>;

export const WriteTxnMarkersResponse = message(
  { name: 'WriteTxnMarkersResponse', key: 27, versions: '1-2', flexible: '1+' },
  {
    markers: array('0+', {
      producerId: int64('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
        }),
      }),
    }),
  },
);
export type WriteTxnMarkersResponse = MessageOf<typeof WriteTxnMarkersResponse>;

export const WriteTxnMarkers = api({
  key: 27,
  name: 'WriteTxnMarkers',
  listeners: ['broker'],
  request: WriteTxnMarkersRequest,
  response: WriteTxnMarkersResponse,
});
