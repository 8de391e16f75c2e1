import { api, array, bool, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Sets, deletes, extends and shortens single settings (KIP-339). */

export const IncrementalAlterConfigsRequest = message(
  { name: 'IncrementalAlterConfigsRequest', key: 44, versions: '0-1', flexible: '1+' },
  {
    resources: array('0+', {
      resourceType: int8('0+'),
      resourceName: string('0+'),
      configs: array('0+', {
        name: string('0+'),
        configOperation: int8('0+'),
        value: string('0+', { nullable: '0+' }),
      }),
    }),
    validateOnly: bool('0+'),
  },
);
export type IncrementalAlterConfigsRequest = MessageOf<typeof IncrementalAlterConfigsRequest>;

export const IncrementalAlterConfigsResponse = message(
  { name: 'IncrementalAlterConfigsResponse', key: 44, versions: '0-1', flexible: '1+' },
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
export type IncrementalAlterConfigsResponse = MessageOf<typeof IncrementalAlterConfigsResponse>;

export const IncrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  listeners: ['broker', 'controller'],
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse,
});
