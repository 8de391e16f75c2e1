import { type MessageOf, message, uuid } from '../../protocol/schema.ts';

/* An access rule was removed. */

export const RemoveAccessControlEntryRecord = message(
  { name: 'RemoveAccessControlEntryRecord', key: 19, versions: '0', flexible: '0+' },
  {
    id: uuid('0+'),
  },
);
export type RemoveAccessControlEntryRecord = MessageOf<typeof RemoveAccessControlEntryRecord>;
