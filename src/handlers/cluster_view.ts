import {
  type BrokerRegistration,
  hasOnlineDirectory,
  type ListenerEndpoint,
} from '../controller/image/broker_registration.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import type { NodeId } from '../model/ids.ts';

/*
 * The cluster as a client sees it that came through a listener: it is told the addresses of that listener's name.
 */

/** A broker's address for clients of one listener. */
export interface BrokerNode {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

function endpointOf(broker: BrokerRegistration, listenerName: string): ListenerEndpoint | undefined {
  return broker.listeners.find(listener => listener.name === listenerName);
}

/** A broker's address; undefined when there is no such broker, or it has no such listener. */
export function brokerNode(image: MetadataImage, id: NodeId, listenerName: string): BrokerNode | undefined {
  const broker = image.cluster.brokers.get(id);
  const endpoint = broker === undefined ? undefined : endpointOf(broker, listenerName);
  if (broker === undefined || endpoint === undefined) return undefined;
  return { id, host: endpoint.host, port: endpoint.port, rack: broker.rack };
}

/** The brokers that are not fenced and have the listener. */
export function aliveBrokerNodes(image: MetadataImage, listenerName: string): BrokerNode[] {
  const nodes: BrokerNode[] = [];
  for (const broker of image.cluster.brokers.values()) {
    const node = broker.fenced ? undefined : brokerNode(image, broker.id, listenerName);
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

/** Whether the broker serves its replicas to clients of the listener. */
export function isAlive(image: MetadataImage, id: NodeId, listenerName: string): boolean {
  const broker = image.cluster.brokers.get(id);
  return broker !== undefined && !broker.fenced && endpointOf(broker, listenerName) !== undefined;
}

/** The replicas that can't be reached: their broker is gone or fenced, or their log directory is offline. */
export function offlineReplicas(
  image: MetadataImage,
  partition: PartitionRegistration,
  listenerName: string,
): NodeId[] {
  return partition.replicas.filter((id, at) => {
    const broker = image.cluster.brokers.get(id);
    if (broker === undefined || broker.fenced || endpointOf(broker, listenerName) === undefined) return true;
    return !hasOnlineDirectory(broker, partition.directories[at]!);
  });
}

/**
 * The broker that clients are told is the controller. It forwards what it is not itself: the active controller where
 * that is a broker that they can reach, else the alive broker of the lowest id; -1 without any.
 */
export function controllerForClients(
  image: MetadataImage,
  activeController: NodeId | undefined,
  listenerName: string,
): number {
  if (activeController !== undefined && isAlive(image, activeController, listenerName))
    return activeController;
  const ids = aliveBrokerNodes(image, listenerName).map(node => node.id);
  return ids.length === 0 ? -1 : Math.min(...ids);
}
