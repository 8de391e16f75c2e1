import { int32, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* A broker is fenced; superseded by BrokerRegistrationChangeRecord. */

export const FenceBrokerRecord = message(
  { name: 'FenceBrokerRecord', key: 7, versions: '0', flexible: '0+' },
  {
    id: int32('0+'),
    epoch: int64('0+'),
  },
);
export type FenceBrokerRecord = MessageOf<typeof FenceBrokerRecord>;
