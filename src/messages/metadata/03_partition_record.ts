import { array, int8, int32, type MessageOf, message, uuid } from '../../protocol/schema.ts';

/* A new partition. */

export const PartitionRecord = message(
  { name: 'PartitionRecord', key: 3, versions: '0-2', flexible: '0+' },
  {
    partitionId: int32('0+', { default: -1 }),
    topicId: uuid('0+'),
    replicas: array('0+', 'int32'),
    isr: array('0+', 'int32'),
    removingReplicas: array('0+', 'int32'),
    addingReplicas: array('0+', 'int32'),
    leader: int32('0+', { default: -1 }),
    leaderRecoveryState: int8('0+', { default: 0, tag: 0 }),
    leaderEpoch: int32('0+', { default: -1 }),
    partitionEpoch: int32('0+', { default: -1 }),
    directories: array('1+', 'uuid'),
    eligibleLeaderReplicas: array('2+', 'int32', { nullable: '2+', default: null, tag: 1 }),
    lastKnownElr: array('2+', 'int32', { nullable: '2+', default: null, tag: 2 }),
  },
);
export type PartitionRecord = MessageOf<typeof PartitionRecord>;
