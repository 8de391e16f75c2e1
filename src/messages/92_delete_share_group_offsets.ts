import { api, array, int16, int32, type MessageOf, message, string, uuid } from '../protocol/schema.ts';

/* Deletes a share group's state of topics. */

export const DeleteShareGroupOffsetsRequest = message(
  { name: 'DeleteShareGroupOffsetsRequest', key: 92, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      topicName: string('0+'),
    }),
  },
);
export type DeleteShareGroupOffsetsRequest = MessageOf<typeof DeleteShareGroupOffsetsRequest>;

export const DeleteShareGroupOffsetsResponse = message(
  { name: 'DeleteShareGroupOffsetsResponse', key: 92, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    responses: array('0+', {
      topicName: string('0+'),
      topicId: uuid('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  },
);
export type DeleteShareGroupOffsetsResponse = MessageOf<typeof DeleteShareGroupOffsetsResponse>;

export const DeleteShareGroupOffsets = api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  listeners: ['broker'],
  request: DeleteShareGroupOffsetsRequest,
  response: DeleteShareGroupOffsetsResponse,
});
