import { array, int8, int32, type MessageOf, message, uuid } from '../../protocol/schema.ts';

/* What changed of a partition. */

export const PartitionChangeRecord = message(
  { name: 'PartitionChangeRecord', key: 5, versions: '0-2', flexible: '0+' },
  {
    partitionId: int32('0+', { default: -1 }),
    topicId: uuid('0+'),
    isr: array('0+', 'int32', { nullable: '0+', default: null, tag: 0 }),
    leader: int32('0+', { default: -2, tag: 1 }),
    replicas: array('0+', 'int32', { nullable: '0+', default: null, tag: 2 }),
    removingReplicas: array('0+', 'int32', { nullable: '0+', default: null, tag: 3 }),
    addingReplicas: array('0+', 'int32', { nullable: '0+', default: null, tag: 4 }),
    leaderRecoveryState: int8('0+', { default: -1, tag: 5 }),
    directories: array('1+', 'uuid', { nullable: '1+', default: null, tag: 8 }),
    eligibleLeaderReplicas: array('2+', 'int32', { nullable: '2+', default: null, tag: 6 }),
    lastKnownElr: array('2+', 'int32', { nullable: '2+', default: null, tag: 7 }),
  },
);
export type PartitionChangeRecord = MessageOf<typeof PartitionChangeRecord>;
