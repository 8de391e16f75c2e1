import { int8, type MessageOf, message, string, uuid } from '../../protocol/schema.ts';

/* An access rule. */

export const AccessControlEntryRecord = message(
  { name: 'AccessControlEntryRecord', key: 18, versions: '0', flexible: '0+' },
  {
    id: uuid('0+'),
    resourceType: int8('0+'),
    resourceName: string('0+'),
    patternType: int8('0+'),
    principal: string('0+'),
    host: string('0+'),
    operation: int8('0+'),
    permissionType: int8('0+'),
  },
);
export type AccessControlEntryRecord = MessageOf<typeof AccessControlEntryRecord>;
