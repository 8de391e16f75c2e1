import { api, array, int16, int32, int64, type MessageOf, message, string } from '../protocol/schema.ts';

/* Moves the start of partitions forward, so that the records before it go. */

export const DeleteRecordsRequest = message(
  { name: 'DeleteRecordsRequest', key: 21, versions: '0-2', flexible: '2+' },
  {
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        offset: int64('0+'),
      }),
    }),
    timeoutMs: int32('0+'),
  },
);
export type DeleteRecordsRequest = MessageOf<typeof DeleteRecordsRequest>;

export const DeleteRecordsResponse = message(
  { name: 'DeleteRecordsResponse', key: 21, versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        lowWatermark: int64('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
);
export type DeleteRecordsResponse = MessageOf<typeof DeleteRecordsResponse>;

export const DeleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  listeners: ['broker'],
  request: DeleteRecordsRequest,
  response: DeleteRecordsResponse,
});
