import type { BrokerRegistration } from '../controller/image/broker_registration.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { NodeId } from '../model/ids.ts';
import { VERSION } from '../model/version.ts';
import { clusterTally } from '../monitor/cluster_tally.ts';
import type { Broker, Cluster, QuorumReplica } from './api/cluster.ts';
import type { ConsoleNode } from './console_node.ts';

/** Partitions by broker. */
interface BrokerTally {
  leaders: number;
  replicas: number;
  inSync: number;
}

function brokerTallies(image: MetadataImage): Map<number, BrokerTally> {
  const tallies = new Map<number, BrokerTally>();
  const of = (id: NodeId): BrokerTally => {
    let tally = tallies.get(id);
    if (tally === undefined) {
      tally = { leaders: 0, replicas: 0, inSync: 0 };
      tallies.set(id, tally);
    }
    return tally;
  };
  image.topics.forEachPartition(({ isr, leader, replicas }) => {
    for (const id of replicas) of(id).replicas++;
    for (const id of isr) of(id).inSync++;
    if (leader >= 0) of(leader).leaders++;
  });
  return tallies;
}

/** Where the consoles of other nodes are, by node, as far as that is known. */
export type HttpAddresses = ReadonlyMap<number, string>;

/** The cluster as this node's metadata has it. */
export function clusterView(node: ConsoleNode, addresses: HttpAddresses): Cluster {
  const { image, monitor, parts } = node;
  const { epoch, leaderId } = parts.quorum.leaderAndEpoch;
  const health = monitor.clusterHealth();
  return {
    clusterId: parts.clusterId,
    nodeId: parts.nodeId,
    version: VERSION,
    controller: leaderId === undefined ? null : { id: leaderId, epoch },
    health: { status: health?.status ?? 'red', reasons: health?.reasons ?? [] },
    brokers: brokerViews(node, addresses),
    counts: clusterTally(image, parts.node.current.minInsyncReplicas),
    alertsFiring:
      monitor.alerting?.alerts.filter(({ muted, state }) => state === 'firing' && muted === undefined)
        .length ?? 0,
    metadataOffset: String(image.lastOffset),
  };
}

export function brokerViews(node: ConsoleNode, addresses: HttpAddresses): Broker[] {
  const { image, listenerName, monitor, parts } = node;
  const tallies = brokerTallies(image);
  const { leaderId, voters } = parts.quorum.status;
  const view = (broker: BrokerRegistration): Broker => {
    const { fenced, id, inControlledShutdown, listeners, rack } = broker;
    const own = listeners.find(({ name }) => name === listenerName) ?? listeners[0];
    return {
      id,
      rack,
      host: own?.host ?? null,
      port: own?.port ?? null,
      listeners: listeners.map(({ host, name, port }) => ({ name, host, port })),
      isFenced: fenced,
      isInControlledShutdown: inControlledShutdown,
      roles: voters.has(id) ? ['broker', 'controller'] : ['broker'],
      isController: id === leaderId,
      ...(tallies.get(id) ?? { leaders: 0, replicas: 0, inSync: 0 }),
      httpAddress: addresses.get(id) ?? null,
      sinceMs: monitor.changes.brokerSinceMs(id) ?? null,
    };
  };
  return [...image.cluster.brokers.values()].sort((left, right) => left.id - right.id).map(view);
}

interface ReplicaState {
  readonly replicaId: number;
  readonly replicaDirectoryId: string;
  readonly logEndOffset: bigint;
  readonly lastFetchTimestamp: bigint;
  readonly lastCaughtUpTimestamp: bigint;
}

export interface QuorumFacts {
  readonly leaderId: number;
  /** Of the leader's log. */
  readonly endOffset: bigint;
  readonly listeners: readonly string[];
}

export function quorumReplica(
  replica: ReplicaState,
  { endOffset, leaderId, listeners }: QuorumFacts,
): QuorumReplica {
  const { lastCaughtUpTimestamp, lastFetchTimestamp, logEndOffset, replicaDirectoryId, replicaId } = replica;
  const isKnown = logEndOffset >= 0n;
  const time = (ms: bigint) => (ms < 0n ? null : Number(ms));
  return {
    id: replicaId,
    directoryId: replicaDirectoryId,
    isLeader: replicaId === leaderId,
    logEndOffset: isKnown ? String(logEndOffset) : null,
    lag: isKnown ? String(endOffset > logEndOffset ? endOffset - logEndOffset : 0n) : null,
    lastFetchMs: time(lastFetchTimestamp),
    lastCaughtUpMs: time(lastCaughtUpTimestamp),
    listeners,
  };
}
