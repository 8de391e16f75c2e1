import { array, int16, int32, type MessageOf, message, uuid } from '../../protocol/schema.ts';

/* The value of the control record with which a leader of the quorum begins its epoch. */

const voter = {
  voterId: int32('0+'),
  voterDirectoryId: uuid('1+'),
} as const;

export const LeaderChangeMessage = message(
  { name: 'LeaderChangeMessage', versions: '0-1', flexible: '0+' },
  {
    version: int16('0+'),
    leaderId: int32('0+'),
    voters: array('0+', voter),
    grantingVoters: array('0+', voter),
  },
);
export type LeaderChangeMessage = MessageOf<typeof LeaderChangeMessage>;
