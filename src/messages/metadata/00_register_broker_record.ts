import {
  array,
  bool,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
  uint16,
  uuid,
} from '../../protocol/schema.ts';

/* A broker registered. */

export const RegisterBrokerRecord = message(
  { name: 'RegisterBrokerRecord', key: 0, versions: '0-4', flexible: '0+' },
  {
    brokerId: int32('0+'),
    isMigratingZkBroker: bool('2+', { default: false }),
    incarnationId: uuid('0+'),
    brokerEpoch: int64('0+'),
    endPoints: array('0+', {
      name: string('0+'),
      host: string('0+'),
      port: uint16('0+'),
      securityProtocol: int16('0+'),
    }),
    features: array('0+', {
      name: string('0+'),
      minSupportedVersion: int16('0+'),
      maxSupportedVersion: int16('0+'),
    }),
    rack: string('0+', { nullable: '0+' }),
    fenced: bool('0+', { default: true }),
    inControlledShutdown: bool('1+', { default: false }),
    logDirs: array('3+', 'uuid', { tag: 0 }),
    cordonedLogDirs: array('4+', 'uuid', { nullable: '4+', default: null, tag: 1 }),
  },
);
export type RegisterBrokerRecord = MessageOf<typeof RegisterBrokerRecord>;
