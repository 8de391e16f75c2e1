import { type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* A new topic. */

export const TopicRecord = message(
  { name: 'TopicRecord', key: 2, versions: '0', flexible: '0+' },
  {
    name: string('0+'),
    topicId: uuid('0+'),
  },
);
export type TopicRecord = MessageOf<typeof TopicRecord>;
