import { api, array, bool, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Starts or cancels the move of partitions to other brokers (KIP-455). */

export const AlterPartitionReassignmentsRequest = message(
  { name: 'AlterPartitionReassignmentsRequest', key: 45, versions: '0-1', flexible: '0+' },
  {
    timeoutMs: int32('0+', { default: 60000 }),
    allowReplicationFactorChange: bool('1+', { default: true }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        replicas: array('0+', 'int32', { nullable: '0+', default: null }),
      }),
    }),
  },
);
export type AlterPartitionReassignmentsRequest = MessageOf<typeof AlterPartitionReassignmentsRequest>;

export const AlterPartitionReassignmentsResponse = message(
  { name: 'AlterPartitionReassignmentsResponse', key: 45, versions: '0-1', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    allowReplicationFactorChange: bool('1+', { default: true, ignorable: true }),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    responses: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    }),
  },
);
export type AlterPartitionReassignmentsResponse = MessageOf<typeof AlterPartitionReassignmentsResponse>;

export const AlterPartitionReassignments = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  listeners: ['broker', 'controller'],
  request: AlterPartitionReassignmentsRequest,
  response: AlterPartitionReassignmentsResponse,
});
