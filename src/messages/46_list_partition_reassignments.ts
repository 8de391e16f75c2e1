import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists the moves that are under way. */

export const ListPartitionReassignmentsRequest = message(
  { name: 'ListPartitionReassignmentsRequest', key: 46, versions: '0', flexible: '0+' },
  {
    timeoutMs: int32('0+', { default: 60000 }),
    topics: array(
      '0+',
      {
        name: string('0+'),
        partitionIndexes: array('0+', 'int32'),
      },
      { nullable: '0+', default: null },
    ),
  },
);
export type ListPartitionReassignmentsRequest = MessageOf<typeof ListPartitionReassignmentsRequest>;

export const ListPartitionReassignmentsResponse = message(
  { name: 'ListPartitionReassignmentsResponse', key: 46, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        replicas: array('0+', 'int32'),
        addingReplicas: array('0+', 'int32'),
        removingReplicas: array('0+', 'int32'),
      }),
    }),
  },
);
export type ListPartitionReassignmentsResponse = MessageOf<typeof ListPartitionReassignmentsResponse>;

export const ListPartitionReassignments = api({
  key: 46,
  name: 'ListPartitionReassignments',
  listeners: ['broker', 'controller'],
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
});
