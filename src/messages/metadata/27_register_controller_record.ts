import {
  array,
  bool,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  uint16,
  uuid,
} from '../../protocol/schema.ts';

/* A controller registered. */

export const RegisterControllerRecord = message(
  { name: 'RegisterControllerRecord', key: 27, versions: '0', flexible: '0+' },
  {
    controllerId: int32('0+'),
    incarnationId: uuid('0+'),
    zkMigrationReady: bool('0+'),
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
  },
);
export type RegisterControllerRecord = MessageOf<typeof RegisterControllerRecord>;
