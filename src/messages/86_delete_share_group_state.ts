import { api, array, int16, int32, type MessageOf, message, string, uuid } from '../protocol/schema.ts';

/* Deletes the state of share partitions; between coordinators. */

export const DeleteShareGroupStateRequest = message(
  { name: 'DeleteShareGroupStateRequest', key: 86, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
      }),
    }),
  },
);
export type DeleteShareGroupStateRequest = MessageOf<typeof DeleteShareGroupStateRequest>;

export const DeleteShareGroupStateResponse = message(
  { name: 'DeleteShareGroupStateResponse', key: 86, versions: '0', flexible: '0+' },
  {
    results: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    }),
  },
);
export type DeleteShareGroupStateResponse = MessageOf<typeof DeleteShareGroupStateResponse>;

export const DeleteShareGroupState = api({
  key: 86,
  name: 'DeleteShareGroupState',
  listeners: ['broker'],
  request: DeleteShareGroupStateRequest,
  response: DeleteShareGroupStateResponse,
});
