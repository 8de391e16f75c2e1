import {
  api,
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
} from '../protocol/schema.ts';

/* Registers an incarnation of a broker with the controller. */

/** Far above those that Kafka gives out one after the other. */
const WHOLE_LOGS_TAG = 10_000;

export const BrokerRegistrationRequest = message(
  { name: 'BrokerRegistrationRequest', key: 62, versions: '0-4', flexible: '0+' },
  {
    brokerId: int32('0+'),
    clusterId: string('0+'),
    incarnationId: uuid('0+'),
    listeners: array('0+', {
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
    isMigratingZkBroker: bool('1+', { default: false }),
    logDirs: array('2+', 'uuid', { ignorable: true }),
    previousBrokerEpoch: int64('3+', { default: -1n, ignorable: true }),
    /**
     * Not Kafka's, which passes over it: the logs that have all that the broker ever acknowledged, be it that its
     * last end was not clean.
     */
    wholeLogs: array(
      '0+',
      { topicId: uuid('0+'), partitions: array('0+', 'int32') },
      { tag: WHOLE_LOGS_TAG },
    ),
  },
);
export type BrokerRegistrationRequest = MessageOf<typeof BrokerRegistrationRequest>;

export const BrokerRegistrationResponse = message(
  { name: 'BrokerRegistrationResponse', key: 62, versions: '0-4', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    brokerEpoch: int64('0+', { default: -1n }),
  },
);
export type BrokerRegistrationResponse = MessageOf<typeof BrokerRegistrationResponse>;

export const BrokerRegistration = api({
  key: 62,
  name: 'BrokerRegistration',
  listeners: ['controller'],
  request: BrokerRegistrationRequest,
  response: BrokerRegistrationResponse,
});
