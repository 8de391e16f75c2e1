import { api, array, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists the producers that a partition remembers (KIP-664). */

export const DescribeProducersRequest = message(
  { name: 'DescribeProducersRequest', key: 61, versions: '0', flexible: '0+' },
  {
    topics: array('0+', {
      name: string('0+'),
      partitionIndexes: array('0+', 'int32'),
    }),
  },
);
export type DescribeProducersRequest = MessageOf<typeof DescribeProducersRequest>;

export const DescribeProducersResponse = message(
  { name: 'DescribeProducersResponse', key: 61, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        activeProducers: array('0+', {
          producerId: int64('0+'),
          producerEpoch: int32('0+'),
          lastSequence: int32('0+', { default: -1 }),
          lastTimestamp: int64('0+', { default: -1n }),
          coordinatorEpoch: int32('0+'),
          currentTxnStartOffset: int64('0+', { default: -1n }),
        }),
      }),
    }),
  },
);
export type DescribeProducersResponse = MessageOf<typeof DescribeProducersResponse>;

export const DescribeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  listeners: ['broker'],
  request: DescribeProducersRequest,
  response: DescribeProducersResponse,
});
