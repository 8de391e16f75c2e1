import type { ClientPorts } from '../client/client_options.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { HostPort } from '../settings/address.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import { Access } from './access.ts';
import { ClusterEvents } from './cluster_events.ts';
import { ClusterFacts } from './cluster_facts.ts';
import { ClusterHistory } from './cluster_history.ts';
import { ConsoleNode } from './console_node.ts';
import { PeerNodes } from './peer_nodes.ts';

/** What the HTTP app needs of its node. */
export interface HttpServices {
  readonly monitor: Monitor;
  readonly ports: ClientPorts;
  /** As they were at the start. */
  readonly settings: () => BrokerSettings;
  /** Where this node listens for HTTP. */
  readonly httpAddresses: () => readonly HostPort[];
  /** Aborted when the node ends: connections to brokers are closed, and streams end. */
  readonly ending: AbortSignal;
  /** Where the built page of the console is, when that is not where the build puts it. */
  readonly pageFolder?: string | undefined;
}

/** What the routes of the console share. */
export interface ConsoleServices extends HttpServices {
  readonly node: ConsoleNode;
  readonly access: Access;
  readonly facts: ClusterFacts;
  readonly peers: PeerNodes;
  readonly traffic: ClusterHistory;
  readonly events: ClusterEvents;
}

export function consoleServices(services: HttpServices): ConsoleServices {
  const { ending, ports, settings } = services;
  const node = new ConsoleNode(services);
  const access = new Access({
    clock: ports.clock,
    users: settings().consoleAuth ?? [],
    secret: settings().consoleSessionSecret || undefined,
  });
  const peers = new PeerNodes({ node, token: () => access.nodeToken() });
  const events = new ClusterEvents(node, peers);
  ending.addEventListener('abort', () => {
    events.close();
    node.close();
  });
  return {
    ...services,
    node,
    access,
    facts: new ClusterFacts(node),
    peers,
    traffic: new ClusterHistory(node, peers),
    events,
  };
}
