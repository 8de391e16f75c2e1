import { array, int32, int64, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* What a node of the quorum must not forget: the epoch, the leader, its vote. Version 1 since KIP-853. */

export const QuorumStateData = message(
  { name: 'QuorumStateData', versions: '0-1', flexible: '0+' },
  {
    clusterId: string('0'),
    leaderId: int32('0+', { default: -1 }),
    leaderEpoch: int32('0+', { default: -1 }),
    votedId: int32('0+', { default: -1 }),
    votedDirectoryId: uuid('1+'),
    appliedOffset: int64('0'),
    currentVoters: array(
      '0',
      {
        voterId: int32('0'),
      },
      { nullable: '0' },
    ),
  },
);
export type QuorumStateData = MessageOf<typeof QuorumStateData>;
