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

/* Changes where a share group starts in its partitions. */

export const AlterShareGroupOffsetsRequest = message(
  { name: 'AlterShareGroupOffsetsRequest', key: 91, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      topicName: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        startOffset: int64('0+'),
      }),
    }),
  },
);
export type AlterShareGroupOffsetsRequest = MessageOf<typeof AlterShareGroupOffsetsRequest>;

export const AlterShareGroupOffsetsResponse = message(
  { name: 'AlterShareGroupOffsetsResponse', key: 91, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    responses: array('0+', {
      topicName: string('0+'),
      topicId: uuid('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    }),
  },
);
export type AlterShareGroupOffsetsResponse = MessageOf<typeof AlterShareGroupOffsetsResponse>;

export const AlterShareGroupOffsets = api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  listeners: ['broker'],
  request: AlterShareGroupOffsetsRequest,
  response: AlterShareGroupOffsetsResponse,
});
