import { int32, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* A broker is unfenced; superseded by BrokerRegistrationChangeRecord. */

export const UnfenceBrokerRecord = message(
  { name: 'UnfenceBrokerRecord', key: 8, versions: '0', flexible: '0+' },
  {
    id: int32('0+'),
    epoch: int64('0+'),
  },
);
export type UnfenceBrokerRecord = MessageOf<typeof UnfenceBrokerRecord>;
