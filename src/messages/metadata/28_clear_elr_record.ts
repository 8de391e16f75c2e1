import { type MessageOf, message, string } from '../../protocol/schema.ts';

/* Clears the eligible leader replicas of a topic or of all (KIP-966). */

export const ClearElrRecord = message(
  { name: 'ClearElrRecord', key: 28, versions: '0', flexible: '0+' },
  {
    topicName: string('0+'),
  },
);
export type ClearElrRecord = MessageOf<typeof ClearElrRecord>;
