import type { LogServices } from '../log/log_types.ts';
import type { Failure } from '../model/failure.ts';
import { failed } from '../model/failure.ts';
import type { Clock, Disk, Logger, Random } from '../model/ports.ts';
import type { PeerSender } from '../peers/peer_sender.ts';
import type { NodeIdentity } from '../raft/cluster_formation.ts';
import type { KraftNodeOptions } from '../raft/kraft_node.ts';
import { metadataLogDirectory, PartitionMetadataLog } from '../raft/partition_metadata_log.ts';
import type { QuorumSettings } from '../raft/quorum_settings.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';

export interface QuorumParts {
  readonly settings: BrokerSettings;
  readonly identity: NodeIdentity;
  /** The metadata log directory. */
  readonly directory: string;
  readonly logServices: LogServices;
  readonly ports: {
    readonly clock: Clock;
    readonly random: Random;
    readonly disk: Disk;
    readonly logger: Logger;
  };
  readonly peers: PeerSender;
  readonly fetchPeers: PeerSender;
  /** The ports that the controller listeners listen on, by name: known only once they do. */
  readonly listenerPorts: ReadonlyMap<string, number>;
  readonly diskFailed: KraftDiskFailed;
  readonly fatal: (failure: Failure) => void;
}

type KraftDiskFailed = Parameters<typeof PartitionMetadataLog.open>[1]['owner']['diskFailed'];

/** What the quorum's part of a node is opened with, from the settings; the metadata log is opened for it. */
export async function quorumOptions(parts: QuorumParts): Promise<KraftNodeOptions | Failure> {
  const { settings, directory, logServices, ports, peers, fetchPeers, listenerPorts } = parts;
  const log = await PartitionMetadataLog.open(logServices, {
    directory,
    settings: { segmentBytes: settings.metadataLogSegmentBytes, segmentMs: settings.metadataLogSegmentMs },
    owner: { diskFailed: parts.diskFailed },
  });
  if (failed(log)) return log;
  const ownPort = (name: string, port: number) => (port === 0 ? (listenerPorts.get(name) ?? 0) : port);
  const [listenerName] = settings.controllerListenerNames;
  return {
    identity: parts.identity,
    isController: settings.roles.includes('controller'),
    staticVoters: settings.quorumVoters.map(({ nodeId, host, port }) => ({
      id: nodeId,
      endpoint: { host, port: ownPort(listenerName!, port) },
    })),
    bootstrapServers: settings.quorumBootstrapServers,
    listenerName: listenerName!,
    endpoints: settings.advertisedControllerListeners.map(({ name, host, port }) => ({
      name,
      host,
      port: ownPort(name, port),
    })),
    settings: quorumSettings(settings),
    log,
    directory: metadataLogDirectory(directory),
    ports: { ...ports, peers, fetchPeers },
    fatal: parts.fatal,
  };
}

function quorumSettings(settings: BrokerSettings): QuorumSettings {
  return {
    electionTimeoutMs: settings.controllerQuorumElectionTimeoutMs,
    electionBackoffMaxMs: settings.controllerQuorumElectionBackoffMaxMs,
    fetchTimeoutMs: settings.controllerQuorumFetchTimeoutMs,
    requestTimeoutMs: settings.controllerQuorumRequestTimeoutMs,
    retryBackoffMs: settings.controllerQuorumRetryBackoffMs,
    autoJoin: settings.controllerQuorumAutoJoinEnable,
    retention: { maxBytes: settings.metadataMaxRetentionBytes, maxAgeMs: settings.metadataMaxRetentionMs },
  };
}
