import { api, array, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Tells where a leader epoch ends in a partition (KIP-101, KIP-320). */

export const OffsetForLeaderEpochRequest = message(
  { name: 'OffsetForLeaderEpochRequest', key: 23, versions: '2-4', flexible: '4+' },
  {
    replicaId: int32('3+', { default: -2, ignorable: true }),
    topics: array('0+', {
      topic: string('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
        currentLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
        leaderEpoch: int32('0+'),
      }),
    }),
  },
);
export type OffsetForLeaderEpochRequest = MessageOf<typeof OffsetForLeaderEpochRequest>;

export const OffsetForLeaderEpochResponse = message(
  { name: 'OffsetForLeaderEpochResponse', key: 23, versions: '2-4', flexible: '4+' },
  {
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array('0+', {
      topic: string('0+'),
      partitions: array('0+', {
        errorCode: int16('0+'),
        partition: int32('0+'),
        leaderEpoch: int32('1+', { default: -1, ignorable: true }),
        endOffset: int64('0+', { default: -1n }),
      }),
    }),
  },
);
export type OffsetForLeaderEpochResponse = MessageOf<typeof OffsetForLeaderEpochResponse>;

export const OffsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  listeners: ['broker'],
  request: OffsetForLeaderEpochRequest,
  response: OffsetForLeaderEpochResponse,
});
