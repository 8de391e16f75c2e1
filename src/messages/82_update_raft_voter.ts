import {
  api,
  array,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../protocol/schema.ts';

/* Updates a voter's endpoints and versions (KIP-853). */

export const UpdateRaftVoterRequest = message(
  { name: 'UpdateRaftVoterRequest', key: 82, versions: '0', flexible: '0+' },
  {
    clusterId: string('0+', { nullable: '0+' }),
    currentLeaderEpoch: int32('0+'),
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
    listeners: array('0+', {
      name: string('0+'),
      host: string('0+'),
      port: uint16('0+'),
    }),
    kRaftVersionFeature: struct('0+', {
      minSupportedVersion: int16('0+'),
      maxSupportedVersion: int16('0+'),
    }),
  },
);
export type UpdateRaftVoterRequest = MessageOf<typeof UpdateRaftVoterRequest>;

export const UpdateRaftVoterResponse = message(
  { name: 'UpdateRaftVoterResponse', key: 82, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    currentLeader: struct(
      '0+',
      {
        leaderId: int32('0+', { default: -1 }),
        leaderEpoch: int32('0+', { default: -1 }),
        host: string('0+'),
        port: int32('0+'),
      },
      { tag: 0 },
    ),
  },
);
export type UpdateRaftVoterResponse = MessageOf<typeof UpdateRaftVoterResponse>;

export const UpdateRaftVoter = api({
  key: 82,
  name: 'UpdateRaftVoter',
  listeners: ['controller'],
  request: UpdateRaftVoterRequest,
  response: UpdateRaftVoterResponse,
});
