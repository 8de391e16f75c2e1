import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/*
 * Takes partitions into a transaction. Since version 4 brokers send it to verify, several transactions at once
 * (KIP-890).
 */

const topic = {
  name: string('0+'),
  partitions: array('0+', 'int32'),
} as const;

const partitionResult = {
  partitionIndex: int32('0+'),
  partitionErrorCode: int16('0+'),
} as const;

const topicResult = {
  name: string('0+'),
  resultsByPartition: array('0+', partitionResult),
} as const;

export const AddPartitionsToTxnRequest = message(
  { name: 'AddPartitionsToTxnRequest', key: 24, versions: '0-5', flexible: '3+' },
  {
    transactions: array('4+', {
      transactionalId: string('4+'),
      producerId: int64('4+'),
      producerEpoch: int16('4+'),
      verifyOnly: bool('4+', { default: false }),
      topics: array('4+', topic),
    }),
    v3AndBelowTransactionalId: string('0-3'),
    v3AndBelowProducerId: int64('0-3'),
    v3AndBelowProducerEpoch: int16('0-3'),
    v3AndBelowTopics: array('0-3', topic),
  },
);
export type AddPartitionsToTxnRequest = MessageOf<typeof AddPartitionsToTxnRequest>;

export const AddPartitionsToTxnResponse = message(
  { name: 'AddPartitionsToTxnResponse', key: 24, versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('4+', { ignorable: true }),
    resultsByTransaction: array('4+', {
      transactionalId: string('4+'),
      topicResults: array('4+', topicResult),
    }),
    resultsByTopicV3AndBelow: array('0-3', topicResult),
  },
);
export type AddPartitionsToTxnResponse = MessageOf<typeof AddPartitionsToTxnResponse>;

export const AddPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  listeners: ['broker'],
  request: AddPartitionsToTxnRequest,
  response: AddPartitionsToTxnResponse,
});
