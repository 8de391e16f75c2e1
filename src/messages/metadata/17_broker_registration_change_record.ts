import { array, int8, int32, int64, type MessageOf, message } from '../../protocol/schema.ts';

/* A broker is fenced, shutting down, or has other log directories. */

export const BrokerRegistrationChangeRecord = message(
  { name: 'BrokerRegistrationChangeRecord', key: 17, versions: '0-3', flexible: '0+' },
  {
    brokerId: int32('0+'),
    brokerEpoch: int64('0+'),
    fenced: int8('0+', { tag: 0 }),
    inControlledShutdown: int8('1+', { tag: 1 }),
    logDirs: array('2+', 'uuid', { tag: 2 }),
    cordonedLogDirs: array('3+', 'uuid', { nullable: '3+', default: null, tag: 3 }),
  },
);
export type BrokerRegistrationChangeRecord = MessageOf<typeof BrokerRegistrationChangeRecord>;
