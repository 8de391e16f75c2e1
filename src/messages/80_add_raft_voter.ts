import {
  api,
  array,
  bool,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  uint16,
  uuid,
} from '../protocol/schema.ts';

/* Adds a voter to the quorum (KIP-853). */

export const AddRaftVoterRequest = message(
  { name: 'AddRaftVoterRequest', key: 80, versions: '0-1', flexible: '0+' },
  {
    clusterId: string('0+', { nullable: '0+' }),
    timeoutMs: int32('0+'),
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
    listeners: array('0+', {
      name: string('0+'),
      host: string('0+'),
      port: uint16('0+'),
    }),
    ackWhenCommitted: bool('1+', { default: true }),
  },
);
export type AddRaftVoterRequest = MessageOf<typeof AddRaftVoterRequest>;

export const AddRaftVoterResponse = message(
  { name: 'AddRaftVoterResponse', key: 80, versions: '0-1', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', ignorable: true }),
  },
);
export type AddRaftVoterResponse = MessageOf<typeof AddRaftVoterResponse>;

export const AddRaftVoter = api({
  key: 80,
  name: 'AddRaftVoter',
  listeners: ['controller', 'broker'],
  request: AddRaftVoterRequest,
  response: AddRaftVoterResponse,
});
