import type { DescribeConfigs, DescribeConfigsRequest } from '../messages/32_describe_configs.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { topicNameProblem } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { ConfigResourceType, checkResource } from '../settings/config_resource.ts';
import {
  type DescribedConfig,
  type DescribeOptions,
  describeBroker,
  describeClientMetrics,
  describeCluster,
  describeGroup,
  describeTopic,
} from '../settings/describe_configs.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeConfigs)['response']>;

/** Describes the settings of topics, brokers and groups. Those of a broker only that broker itself knows. */
export function handleDescribeConfigs(
  request: DescribeConfigsRequest,
  _context: RequestContext,
  services: BrokerServices,
): Response {
  const { includeSynonyms, includeDocumentation } = request;
  const results = request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
    const options = { keys: configurationKeys, includeSynonyms, includeDocumentation };
    const configs = describe(resourceType, resourceName, options, services);
    const errorCode: ErrorCode = failed(configs) ? configs.code : Errors.NONE;
    return {
      errorCode,
      errorMessage: failed(configs) ? configs.message : null,
      resourceType,
      resourceName,
      configs: failed(configs) ? [] : configs,
    };
  });
  return { throttleTimeMs: 0, results };
}

function describe(
  type: number,
  name: string,
  options: DescribeOptions,
  { metadata: { image }, node, nodeId }: BrokerServices,
): DescribedConfig[] | Failure {
  const nameProblem = type === ConfigResourceType.TOPIC ? topicNameProblem(name) : undefined;
  if (nameProblem !== undefined) return new Failure(Errors.INVALID_TOPIC_EXCEPTION, nameProblem);
  const problem = checkResource({ type, name });
  if (problem !== undefined) return problem;
  const own = image.configs.of({ type, name });
  switch (type) {
    case ConfigResourceType.TOPIC: {
      if (image.topics.byName(name) !== undefined) return describeTopic(node, own, options);
      return new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${name}`);
    }
    case ConfigResourceType.BROKER:
      if (name === '') return describeCluster(node, options);
      if (Number(name) === nodeId) return describeBroker(node, options);
      return new Failure(
        Errors.INVALID_REQUEST,
        `This is broker ${nodeId}, which does not know the settings of broker ${name}: ask that one`,
      );
    case ConfigResourceType.GROUP:
      return describeGroup(node, own, options);
    default:
      return describeClientMetrics(own, options);
  }
}
