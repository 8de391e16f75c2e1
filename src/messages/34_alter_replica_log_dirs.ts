import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Moves replicas between the log directories of a broker (KIP-113). */

export const AlterReplicaLogDirsRequest = message(
  { name: 'AlterReplicaLogDirsRequest', key: 34, versions: '1-2', flexible: '2+' },
  {
    dirs: array('0+', {
      path: string('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', 'int32'),
      }),
    }),
  },
);
export type AlterReplicaLogDirsRequest = MessageOf<typeof AlterReplicaLogDirsRequest>;

export const AlterReplicaLogDirsResponse = message(
  { name: 'AlterReplicaLogDirsResponse', key: 34, versions: '1-2', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      topicName: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
);
export type AlterReplicaLogDirsResponse = MessageOf<typeof AlterReplicaLogDirsResponse>;

export const AlterReplicaLogDirs = api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  listeners: ['broker'],
  request: AlterReplicaLogDirsRequest,
  response: AlterReplicaLogDirsResponse,
});
