import { FEATURES } from '../controller/features.ts';
import type { ApiVersions, ApiVersionsRequest } from '../messages/18_api_versions.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof ApiVersions)['response']>;

/** From this version on the client says what it is. */
const FIRST_VERSION_WITH_SOFTWARE = 3;
/** From this version on a feature's lowest version may be 0 in the response (KAFKA-17011). */
const FIRST_VERSION_WITH_ZERO = 4;
/** What a client may call its software and version (KIP-511). */
const SOFTWARE_PATTERN = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** Tells what this node serves at the listener that the client came through. */
export function handleApiVersions(
  request: ApiVersionsRequest,
  { apiVersion, client }: RequestContext,
  services: BrokerServices,
): Response {
  if (apiVersion >= FIRST_VERSION_WITH_SOFTWARE) {
    const { clientSoftwareName, clientSoftwareVersion } = request;
    if (!SOFTWARE_PATTERN.test(clientSoftwareName) || !SOFTWARE_PATTERN.test(clientSoftwareVersion)) {
      return { errorCode: Errors.INVALID_REQUEST, apiKeys: [] };
    }
    client.softwareName = clientSoftwareName;
    client.softwareVersion = clientSoftwareVersion;
  }
  const { image } = services.metadata;
  return {
    errorCode: Errors.NONE,
    apiKeys: services.handlers
      .filter(handler => handler.listeners.includes(client.listenerKind))
      .map(({ api, advertisedLowest, versions }) => ({
        apiKey: api.key,
        minVersion: advertisedLowest,
        maxVersion: versions.highest,
      })),
    supportedFeatures: FEATURES.filter(
      feature => feature.lowest > 0 || apiVersion >= FIRST_VERSION_WITH_ZERO,
    ).map(({ name, lowest, highest }) => ({ name, minVersion: lowest, maxVersion: highest })),
    finalizedFeaturesEpoch: image.lastOffset,
    finalizedFeatures: Array.from(image.features.levels, ([name, level]) => ({
      name,
      minVersionLevel: level,
      maxVersionLevel: level,
    })),
  };
}
