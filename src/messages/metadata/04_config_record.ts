import { int8, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A setting of a resource, or its end. */

export const ConfigRecord = message(
  { name: 'ConfigRecord', key: 4, versions: '0', flexible: '0+' },
  {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    name: string('0+'),
    value: string('0+', { nullable: '0+' }),
  },
);
export type ConfigRecord = MessageOf<typeof ConfigRecord>;
