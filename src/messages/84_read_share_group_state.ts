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
  uuid,
} from '../protocol/schema.ts';

/* Reads the state of share partitions; between coordinators. */

export const ReadShareGroupStateRequest = message(
  { name: 'ReadShareGroupStateRequest', key: 84, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
        leaderEpoch: int32('0+'),
      }),
    }),
  },
);
export type ReadShareGroupStateRequest = MessageOf<typeof ReadShareGroupStateRequest>;

export const ReadShareGroupStateResponse = message(
  { name: 'ReadShareGroupStateResponse', key: 84, versions: '0', flexible: '0+' },
  {
    results: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partition: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        stateEpoch: int32('0+'),
        startOffset: int64('0+'),
        stateBatches: array('0+', {
          firstOffset: int64('0+'),
          lastOffset: int64('0+'),
          deliveryState: int8('0+'),
          deliveryCount: int16('0+'),
        }),
      }),
    }),
  },
);
export type ReadShareGroupStateResponse = MessageOf<typeof ReadShareGroupStateResponse>;

export const ReadShareGroupState = api({
  key: 84,
  name: 'ReadShareGroupState',
  listeners: ['broker'],
  request: ReadShareGroupStateRequest,
  response: ReadShareGroupStateResponse,
});
