import { api, array, int16, int32, int64, type MessageOf, message, uuid } from '../protocol/schema.ts';

/* Tells the controller in which log directories a broker's replicas are (KIP-858). */

export const AssignReplicasToDirsRequest = message(
  { name: 'AssignReplicasToDirsRequest', key: 73, versions: '0', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
    directories: array('0+', {
      id: uuid('0+'),
      topics: array('0+', {
        topicId: uuid('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
        }),
      }),
    }),
  },
);
export type AssignReplicasToDirsRequest = MessageOf<typeof AssignReplicasToDirsRequest>;

export const AssignReplicasToDirsResponse = message(
  { name: 'AssignReplicasToDirsResponse', key: 73, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    directories: array('0+', {
      id: uuid('0+'),
      topics: array('0+', {
        topicId: uuid('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
        }),
      }),
    }),
  },
);
export type AssignReplicasToDirsResponse = MessageOf<typeof AssignReplicasToDirsResponse>;

export const AssignReplicasToDirs = api({
  key: 73,
  name: 'AssignReplicasToDirs',
  listeners: ['controller'],
  request: AssignReplicasToDirsRequest,
  response: AssignReplicasToDirsResponse,
});
