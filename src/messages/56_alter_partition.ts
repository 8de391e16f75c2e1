import { api, array, int8, int16, int32, int64, type MessageOf, message, uuid } from '../protocol/schema.ts';

/*
 * Changes the in-sync replicas of partitions; from the leader to the controller. Since version 3 with the
 * brokers' epochs (KIP-903).
 */

export const AlterPartitionRequest = message(
  { name: 'AlterPartitionRequest', key: 56, versions: '2-3', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
    topics: array('0+', {
      topicId: uuid('2+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        leaderEpoch: int32('0+'),
        newIsr: array('0-2', 'int32'),
        newIsrWithEpochs: array('3+', {
          brokerId: int32('3+'),
          brokerEpoch: int64('3+', { default: -1n }),
        }),
        leaderRecoveryState: int8('1+', { default: 0 }),
        partitionEpoch: int32('0+'),
      }),
    }),
  },
);
export type AlterPartitionRequest = MessageOf<typeof AlterPartitionRequest>;

export const AlterPartitionResponse = message(
  { name: 'AlterPartitionResponse', key: 56, versions: '2-3', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    topics: array('0+', {
      topicId: uuid('2+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        leaderId: int32('0+'),
        leaderEpoch: int32('0+'),
        isr: array('0+', 'int32'),
        leaderRecoveryState: int8('1+', { default: 0, ignorable: true }),
        partitionEpoch: int32('0+'),
      }),
    }),
  },
);
export type AlterPartitionResponse = MessageOf<typeof AlterPartitionResponse>;

export const AlterPartition = api({
  key: 56,
  name: 'AlterPartition',
  listeners: ['controller'],
  request: AlterPartitionRequest,
  response: AlterPartitionResponse,
});
