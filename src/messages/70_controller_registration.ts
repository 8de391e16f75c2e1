import {
  api,
  array,
  bool,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  uint16,
  uuid,
} from '../protocol/schema.ts';

/* Registers a controller with the active one (KIP-919). */

export const ControllerRegistrationRequest = message(
  { name: 'ControllerRegistrationRequest', key: 70, versions: '0', flexible: '0+' },
  {
    controllerId: int32('0+'),
    incarnationId: uuid('0+'),
    zkMigrationReady: bool('0+'),
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
  },
);
export type ControllerRegistrationRequest = MessageOf<typeof ControllerRegistrationRequest>;

export const ControllerRegistrationResponse = message(
  { name: 'ControllerRegistrationResponse', key: 70, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  },
);
export type ControllerRegistrationResponse = MessageOf<typeof ControllerRegistrationResponse>;

export const ControllerRegistration = api({
  key: 70,
  name: 'ControllerRegistration',
  listeners: ['controller'],
  request: ControllerRegistrationRequest,
  response: ControllerRegistrationResponse,
});
