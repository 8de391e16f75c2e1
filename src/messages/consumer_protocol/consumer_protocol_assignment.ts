import { array, bytes, type MessageOf, message, string } from '../../protocol/schema.ts';

/* What the leader of a classic consumer group assigns to a member. */

export const ConsumerProtocolAssignment = message(
  { name: 'ConsumerProtocolAssignment', versions: '0-3', flexible: 'none' },
  {
    assignedPartitions: array('0+', {
      topic: string('0+'),
      partitions: array('0+', 'int32'),
    }),
    userData: bytes('0+', { nullable: '0+', default: null }),
  },
);
export type ConsumerProtocolAssignment = MessageOf<typeof ConsumerProtocolAssignment>;
