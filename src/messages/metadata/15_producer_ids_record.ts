import { int32, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* A block of producer ids was given out. */

export const ProducerIdsRecord = message(
  { name: 'ProducerIdsRecord', key: 15, versions: '0', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
    nextProducerId: int64('0+'),
  },
);
export type ProducerIdsRecord = MessageOf<typeof ProducerIdsRecord>;
