import {
  api,
  array,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  records,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';

/*
 * Appends record batches to partitions. By topic id since version 13 (KIP-516); since 10 errors name the new
 * leader (KIP-951); since 12 a transaction takes in partitions by itself (KIP-890).
 */

export const ProduceRequest = message(
  { name: 'ProduceRequest', key: 0, versions: '3-13', flexible: '9+' },
  {
    transactionalId: string('3+', { nullable: '3+', default: null }),
    acks: int16('0+'),
    timeoutMs: int32('0+'),
    topicData: array('0+', {
      name: string('0-12', { ignorable: true }),
      topicId: uuid('13+', { ignorable: true }),
      partitionData: array('0+', {
        index: int32('0+'),
        records: records('0+', { nullable: '0+' }),
      }),
    }),
  },
);
export type ProduceRequest = MessageOf<typeof ProduceRequest>;

export const ProduceResponse = message(
  { name: 'ProduceResponse', key: 0, versions: '3-13', flexible: '9+' },
  {
    responses: array('0+', {
      name: string('0-12', { ignorable: true }),
      topicId: uuid('13+', { ignorable: true }),
      partitionResponses: array('0+', {
        index: int32('0+'),
        errorCode: int16('0+'),
        baseOffset: int64('0+'),
        logAppendTimeMs: int64('2+', { default: -1n, ignorable: true }),
        logStartOffset: int64('5+', { default: -1n, ignorable: true }),
        recordErrors: array(
          '8+',
          {
            batchIndex: int32('8+'),
            batchIndexErrorMessage: string('8+', { nullable: '8+', default: null }),
          },
          { ignorable: true },
        ),
        errorMessage: string('8+', { nullable: '8+', default: null, ignorable: true }),
        currentLeader: struct(
          '10+',
          {
            leaderId: int32('10+', { default: -1 }),
            leaderEpoch: int32('10+', { default: -1 }),
          },
          { tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32('1+', { default: 0, ignorable: true }),
    nodeEndpoints: array(
      '10+',
      {
        nodeId: int32('10+'),
        host: string('10+'),
        port: int32('10+'),
        rack: string('10+', { nullable: '10+', default: null }),
      },
      { tag: 0 },
    ),
  },
);
export type ProduceResponse = MessageOf<typeof ProduceResponse>;

export const Produce = api({
  key: 0,
  name: 'Produce',
  listeners: ['broker'],
  request: ProduceRequest,
  response: ProduceResponse,
});
