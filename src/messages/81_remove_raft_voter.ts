import { api, int16, int32, type MessageOf, message, string, uuid } from '../protocol/schema.ts';

/* Removes a voter from the quorum (KIP-853). */

export const RemoveRaftVoterRequest = message(
  { name: 'RemoveRaftVoterRequest', key: 81, versions: '0', flexible: '0+' },
  {
    clusterId: string('0+', { nullable: '0+' }),
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
  },
);
export type RemoveRaftVoterRequest = MessageOf<typeof RemoveRaftVoterRequest>;

export const RemoveRaftVoterResponse = message(
  { name: 'RemoveRaftVoterResponse', key: 81, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', ignorable: true }),
  },
);
export type RemoveRaftVoterResponse = MessageOf<typeof RemoveRaftVoterResponse>;

export const RemoveRaftVoter = api({
  key: 81,
  name: 'RemoveRaftVoter',
  listeners: ['controller', 'broker'],
  request: RemoveRaftVoterRequest,
  response: RemoveRaftVoterResponse,
});
