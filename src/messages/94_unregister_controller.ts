import { api, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Takes a controller's registration out of the cluster. */

export const UnregisterControllerRequest = message(
  { name: 'UnregisterControllerRequest', key: 94, versions: '0', flexible: '0+' },
  {
    controllerId: int32('0+'),
  },
);
export type UnregisterControllerRequest = MessageOf<typeof UnregisterControllerRequest>;

export const UnregisterControllerResponse = message(
  { name: 'UnregisterControllerResponse', key: 94, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  },
);
export type UnregisterControllerResponse = MessageOf<typeof UnregisterControllerResponse>;

export const UnregisterController = api({
  key: 94,
  name: 'UnregisterController',
  listeners: ['broker', 'controller'],
  request: UnregisterControllerRequest,
  response: UnregisterControllerResponse,
});
