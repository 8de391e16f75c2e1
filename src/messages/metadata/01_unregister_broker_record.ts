import { int32, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* A broker was unregistered. */

export const UnregisterBrokerRecord = message(
  { name: 'UnregisterBrokerRecord', key: 1, versions: '0', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+'),
  },
);
export type UnregisterBrokerRecord = MessageOf<typeof UnregisterBrokerRecord>;
