import { api, array, bool, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Adds partitions to topics. */

export const CreatePartitionsRequest = message(
  { name: 'CreatePartitionsRequest', key: 37, versions: '0-3', flexible: '2+' },
  {
    topics: array('0+', {
      name: string('0+'),
      count: int32('0+'),
      assignments: array(
        '0+',
        {
          brokerIds: array('0+', 'int32'),
        },
        { nullable: '0+' },
      ),
    }),
    timeoutMs: int32('0+'),
    validateOnly: bool('0+'),
  },
);
export type CreatePartitionsRequest = MessageOf<typeof CreatePartitionsRequest>;

export const CreatePartitionsResponse = message(
  { name: 'CreatePartitionsResponse', key: 37, versions: '0-3', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      name: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  },
);
export type CreatePartitionsResponse = MessageOf<typeof CreatePartitionsResponse>;

export const CreatePartitions = api({
  key: 37,
  name: 'CreatePartitions',
  listeners: ['broker', 'controller'],
  request: CreatePartitionsRequest,
  response: CreatePartitionsResponse,
});
