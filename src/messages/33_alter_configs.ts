import { api, array, bool, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Replaces all settings of a resource. IncrementalAlterConfigs has superseded it. */

export const AlterConfigsRequest = message(
  { name: 'AlterConfigsRequest', key: 33, versions: '0-2', flexible: '2+' },
  {
    resources: array('0+', {
      resourceType: int8('0+'),
      resourceName: string('0+'),
      configs: array('0+', {
        name: string('0+'),
        value: string('0+', { nullable: '0+' }),
      }),
    }),
    validateOnly: bool('0+'),
  },
);
export type AlterConfigsRequest = MessageOf<typeof AlterConfigsRequest>;

export const AlterConfigsResponse = message(
  { name: 'AlterConfigsResponse', key: 33, versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    responses: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      resourceType: int8('0+'),
      resourceName: string('0+'),
    }),
  },
);
export type AlterConfigsResponse = MessageOf<typeof AlterConfigsResponse>;

export const AlterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  listeners: ['broker', 'controller'],
  request: AlterConfigsRequest,
  response: AlterConfigsResponse,
});
