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
} from '../protocol/schema.ts';

/* Tells which APIs and versions a node speaks (KIP-35), and its features (KIP-584). */

export const ApiVersionsRequest = message(
  { name: 'ApiVersionsRequest', key: 18, versions: '0-5', flexible: '3+' },
  {
    clientSoftwareName: string('3+', { ignorable: true }),
    clientSoftwareVersion: string('3+', { ignorable: true }),
    clusterId: string('5+', { nullable: '5+', default: null, ignorable: true }),
    nodeId: int32('5+', { default: -1, ignorable: true }),
  },
);
export type ApiVersionsRequest = MessageOf<typeof ApiVersionsRequest>;

export const ApiVersionsResponse = message(
  { name: 'ApiVersionsResponse', key: 18, versions: '0-5', flexible: '3+' },
  {
    errorCode: int16('0+'),
    apiKeys: array('0+', {
      apiKey: int16('0+'),
      minVersion: int16('0+'),
      maxVersion: int16('0+'),
    }),
    throttleTimeMs: int32('1+', { ignorable: true }),
    supportedFeatures: array(
      '3+',
      {
        name: string('3+'),
        minVersion: int16('3+'),
        maxVersion: int16('3+'),
      },
      { ignorable: true, tag: 0 },
    ),
    finalizedFeaturesEpoch: int64('3+', { default: -1n, ignorable: true, tag: 1 }),
    finalizedFeatures: array(
      '3+',
      {
        name: string('3+'),
        maxVersionLevel: int16('3+'),
        minVersionLevel: int16('3+'),
      },
      { ignorable: true, tag: 2 },
    ),
    zkMigrationReady: bool('3+', { default: false, ignorable: true, tag: 3 }),
  },
);
export type ApiVersionsResponse = MessageOf<typeof ApiVersionsResponse>;

export const ApiVersions = api({
  key: 18,
  name: 'ApiVersions',
  listeners: ['broker', 'controller'],
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
});
