import { api, array, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Lists the resources that have settings. Version 0 was ListClientMetricsResources (KIP-1142). */

export const ListConfigResourcesRequest = message(
  { name: 'ListConfigResourcesRequest', key: 74, versions: '0-1', flexible: '0+' },
  {
    resourceTypes: array('1+', 'int8'),
  },
);
export type ListConfigResourcesRequest = MessageOf<typeof ListConfigResourcesRequest>;

export const ListConfigResourcesResponse = message(
  { name: 'ListConfigResourcesResponse', key: 74, versions: '0-1', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    configResources: array('0+', {
      resourceName: string('0+'),
      resourceType: int8('1+', { default: 16, ignorable: true }),
    }),
  },
);
export type ListConfigResourcesResponse = MessageOf<typeof ListConfigResourcesResponse>;

export const ListConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  listeners: ['broker'],
  request: ListConfigResourcesRequest,
  response: ListConfigResourcesResponse,
});
