import {
  api,
  array,
  int8,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/*
 * Finds offsets by time. Special timestamps: -1 latest, -2 earliest, -3 of the largest timestamp (version 7),
 * -4 earliest local (8), -5 last tiered (9), -6 earliest pending upload (11).
 */

export const ListOffsetsRequest = message(
  { name: 'ListOffsetsRequest', key: 2, versions: '1-11', flexible: '6+' },
  {
    replicaId: int32('0+'),
    isolationLevel: int8('2+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        currentLeaderEpoch: int32('4+', { default: -1, ignorable: true }),
        timestamp: int64('0+'),
      }),
    }),
    timeoutMs: int32('10+', { ignorable: true }),
  },
);
export type ListOffsetsRequest = MessageOf<typeof ListOffsetsRequest>;

export const ListOffsetsResponse = message(
  { name: 'ListOffsetsResponse', key: 2, versions: '1-11', flexible: '6+' },
  {
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        timestamp: int64('1+', { default: -1n }),
        offset: int64('1+', { default: -1n }),
        leaderEpoch: int32('4+', { default: -1 }),
      }),
    }),
  },
);
export type ListOffsetsResponse = MessageOf<typeof ListOffsetsResponse>;

export const ListOffsets = api({
  key: 2,
  name: 'ListOffsets',
  listeners: ['broker'],
  request: ListOffsetsRequest,
  response: ListOffsetsResponse,
});
