import type {
  ListConfigResources,
  ListConfigResourcesRequest,
} from '../messages/74_list_config_resources.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof ListConfigResources)['response']>;

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType;
const ALL_TYPES: readonly number[] = [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP];

/** Lists what has settings, or could have: all topics and brokers, and the groups and subscriptions that do. */
export function handleListConfigResources(
  request: ListConfigResourcesRequest,
  { apiVersion }: RequestContext,
  services: BrokerServices,
): Response {
  const asked = apiVersion === 0 ? [CLIENT_METRICS] : request.resourceTypes;
  const types = asked.length === 0 ? ALL_TYPES : [...new Set(asked)];
  if (types.some(type => !ALL_TYPES.includes(type))) {
    return { throttleTimeMs: 0, errorCode: Errors.UNSUPPORTED_VERSION, configResources: [] };
  }
  const configResources = types.flatMap(resourceType =>
    Array.from(namesOf(resourceType, services), resourceName => ({ resourceName, resourceType })),
  );
  return { throttleTimeMs: 0, errorCode: Errors.NONE, configResources };
}

function namesOf(type: number, { metadata: { image } }: BrokerServices): Iterable<string> {
  switch (type) {
    case TOPIC:
      return Array.from(image.topics.all(), topic => topic.name);
    case BROKER:
    case BROKER_LOGGER:
      return Array.from(image.cluster.brokers.keys(), String);
    case GROUP:
      return image.configs.namesOf(GROUP);
    default:
      return image.configs.namesOf(CLIENT_METRICS);
  }
}
