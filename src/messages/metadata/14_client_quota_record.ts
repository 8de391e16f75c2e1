import { array, bool, float64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A client quota, or its end. */

export const ClientQuotaRecord = message(
  { name: 'ClientQuotaRecord', key: 14, versions: '0', flexible: '0+' },
  {
    entity: array('0+', {
      entityType: string('0+'),
      entityName: string('0+', { nullable: '0+' }),
    }),
    key: string('0+'),
    value: float64('0+'),
    remove: bool('0+'),
  },
);
export type ClientQuotaRecord = MessageOf<typeof ClientQuotaRecord>;
