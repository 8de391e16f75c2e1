import {
  api,
  array,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
  uuid,
} from '../protocol/schema.ts';

/* Stores a group's offsets as part of a transaction. */

export const TxnOffsetCommitRequest = message(
  { name: 'TxnOffsetCommitRequest', key: 28, versions: '0-6', flexible: '3+' },
  {
    transactionalId: string('0+'),
    groupId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    generationIdOrMemberEpoch: int32('3+', { default: -1 }),
    memberId: string('3+', { default: '' }),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
    topics: array('0+', {
      name: string('0-5', { ignorable: true }),
      topicId: uuid('6+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        committedOffset: int64('0+'),
        committedLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
        committedMetadata: string('0+', { nullable: '0+' }),
      }),
    }),
  },
);
export type TxnOffsetCommitRequest = MessageOf<typeof TxnOffsetCommitRequest>;

export const TxnOffsetCommitResponse = message(
  { name: 'TxnOffsetCommitResponse', key: 28, versions: '0-6', flexible: '3+' },
  {
    throttleTimeMs: int32('0+'),
    topics: array('0+', {
      name: string('0-5', { ignorable: true }),
      topicId: uuid('6+', { ignorable: true }),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
);
export type TxnOffsetCommitResponse = MessageOf<typeof TxnOffsetCommitResponse>;

export const TxnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  listeners: ['broker'],
  request: TxnOffsetCommitRequest,
  response: TxnOffsetCommitResponse,
});
