import { api, array, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Deletes offsets that a group has committed (KIP-496). */

export const OffsetDeleteRequest = message(
  { name: 'OffsetDeleteRequest', key: 47, versions: '0', flexible: 'none' },
  {
    groupId: string('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
      }),
    }),
  },
);
export type OffsetDeleteRequest = MessageOf<typeof OffsetDeleteRequest>;

export const OffsetDeleteResponse = message(
  { name: 'OffsetDeleteResponse', key: 47, versions: '0', flexible: 'none' },
  {
    errorCode: int16('0+'),
    throttleTimeMs: int32('0+', { ignorable: true }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
);
export type OffsetDeleteResponse = MessageOf<typeof OffsetDeleteResponse>;

export const OffsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  listeners: ['broker'],
  request: OffsetDeleteRequest,
  response: OffsetDeleteResponse,
});
