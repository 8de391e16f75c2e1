import type { DescribeCluster, DescribeClusterRequest } from '../messages/60_describe_cluster.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED_FOR } from './authorized_operations.ts';
import type { BrokerServices } from './broker_services.ts';
import { aliveBrokerNodes, brokerNode, controllerForClients } from './cluster_view.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeCluster)['response']>;
type Node = Response['brokers'][number];

const BROKERS = 1;
const CONTROLLERS = 2;

/** Tells the brokers to who asks a broker's listener, and the controllers to who asks a controller's (KIP-919). */
export function handleDescribeCluster(
  request: DescribeClusterRequest,
  context: RequestContext,
  services: BrokerServices,
): Response {
  const { endpointType, includeClusterAuthorizedOperations } = request;
  const served = context.client.listenerKind === 'broker' ? BROKERS : CONTROLLERS;
  if (endpointType !== served) return refusal(endpointType, context);
  const nodes = served === BROKERS ? brokers(request, context, services) : controllers(context, services);
  const { image, leader } = services.metadata;
  const controllerId =
    served === BROKERS
      ? controllerForClients(image, leader.leaderId, context.client.listenerName)
      : (leader.leaderId ?? -1);
  return {
    throttleTimeMs: 0,
    errorCode: Errors.NONE,
    endpointType,
    clusterId: services.clusterId,
    controllerId: nodes.some(node => node.brokerId === controllerId) ? controllerId : -1,
    brokers: nodes,
    clusterAuthorizedOperations: includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED_FOR,
  };
}

function refusal(endpointType: number, { apiVersion, client }: RequestContext): Response {
  const isKnown = endpointType === BROKERS || endpointType === CONTROLLERS;
  const errorCode =
    apiVersion === 0
      ? Errors.INVALID_REQUEST
      : isKnown
        ? Errors.MISMATCHED_ENDPOINT_TYPE
        : Errors.UNSUPPORTED_ENDPOINT_TYPE;
  const errorMessage = isKnown
    ? `This is a listener of a ${client.listenerKind}, and the request wants the other kind of nodes`
    : `There is no endpoint type ${endpointType}: 1 is brokers, 2 is controllers`;
  return { throttleTimeMs: 0, errorCode, errorMessage, clusterId: '', brokers: [] };
}

function brokers(
  { includeFencedBrokers }: DescribeClusterRequest,
  { client }: RequestContext,
  { metadata: { image } }: BrokerServices,
): Node[] {
  const nodes: Node[] = aliveBrokerNodes(image, client.listenerName).map(({ id, ...node }) => ({
    brokerId: id,
    ...node,
    isFenced: false,
  }));
  if (!includeFencedBrokers) return nodes;
  for (const broker of image.cluster.brokers.values()) {
    const node = broker.fenced ? brokerNode(image, broker.id, client.listenerName) : undefined;
    if (node === undefined) continue;
    nodes.push({ brokerId: node.id, host: node.host, port: node.port, rack: node.rack, isFenced: true });
  }
  return nodes;
}

function controllers({ client }: RequestContext, { metadata: { image } }: BrokerServices): Node[] {
  const nodes: Node[] = [];
  for (const { id, listeners } of image.cluster.controllers.values()) {
    const listener = listeners.find(each => each.name === client.listenerName);
    if (listener !== undefined)
      nodes.push({ brokerId: id, host: listener.host, port: listener.port, isFenced: false });
  }
  return nodes;
}
