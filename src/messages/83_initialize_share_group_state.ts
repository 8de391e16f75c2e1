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

/* Starts the state of share partitions; between coordinators. */

export const InitializeShareGroupStateRequest = message(
  { name: 'InitializeShareGroupStateRequest', key: 83, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
        stateEpoch: int32('0+'),
        startOffset: int64('0+'),
      }),
    }),
  },
);
export type InitializeShareGroupStateRequest = MessageOf<typeof InitializeShareGroupStateRequest>;

export const InitializeShareGroupStateResponse = message(
  { name: 'InitializeShareGroupStateResponse', key: 83, versions: '0', flexible: '0+' },
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
export type InitializeShareGroupStateResponse = MessageOf<typeof InitializeShareGroupStateResponse>;

export const InitializeShareGroupState = api({
  key: 83,
  name: 'InitializeShareGroupState',
  listeners: ['broker'],
  request: InitializeShareGroupStateRequest,
  response: InitializeShareGroupStateResponse,
});
