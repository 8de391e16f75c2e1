import { type Api, int16, int32, type MessageOf, message, string } from './schema.ts';
import { includesVersion } from './versions.ts';

/** Before every request. Version 2 (flexible) still has the client id in the old encoding. */
export const RequestHeader = message(
  { name: 'RequestHeader', versions: '1-2', flexible: '2+' },
  {
    requestApiKey: int16('0+'),
    requestApiVersion: int16('0+'),
    correlationId: int32('0+'),
    clientId: string('1+', { nullable: '1+', flexible: 'none' }),
  },
);
export type RequestHeader = MessageOf<typeof RequestHeader>;

/** Before every response. */
export const ResponseHeader = message(
  { name: 'ResponseHeader', versions: '0-1', flexible: '1+' },
  {
    correlationId: int32('0+'),
  },
);
export type ResponseHeader = MessageOf<typeof ResponseHeader>;

const API_VERSIONS_KEY = 18;

/** Version of the header before a request of `api`: 2 where the request is flexible (KIP-482). */
export function requestHeaderVersion(api: Api, version: number): number {
  return includesVersion(api.request.flexible, version) ? 2 : 1;
}

/**
 * Version of the header before a response of `api`: 1 where it is flexible. That of ApiVersions never is, so that a
 * client that knows nothing yet can read it (KIP-511).
 */
export function responseHeaderVersion(api: Api, version: number): number {
  if (api.key === API_VERSIONS_KEY) return 0;
  return includesVersion(api.response.flexible, version) ? 1 : 0;
}
