import { array, bytes, int32, type MessageOf, message, string } from '../../protocol/schema.ts';

/* What a member of a classic consumer group subscribes to. */

export const ConsumerProtocolSubscription = message(
  { name: 'ConsumerProtocolSubscription', versions: '0-3', flexible: 'none' },
  {
    topics: array('0+', 'string'),
    userData: bytes('0+', { nullable: '0+', default: null }),
    ownedPartitions: array(
      '1+',
      {
        topic: string('1+'),
        partitions: array('1+', 'int32'),
      },
      { ignorable: true },
    ),
    generationId: int32('2+', { default: -1, ignorable: true }),
    rackId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  },
);
export type ConsumerProtocolSubscription = MessageOf<typeof ConsumerProtocolSubscription>;
