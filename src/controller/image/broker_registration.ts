import {
  asBrokerEpoch,
  asNodeId,
  type BrokerEpoch,
  type NodeId,
  type Offset,
  type Uuid,
} from '../../model/ids.ts';
import { LOST_DIRECTORY, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../model/uuid.ts';
import type { VersionBounds } from '../features.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import { hasCordonedDirectories, hasDirectories, type MetadataVersion } from '../metadata_version.ts';

/** Where a node can be reached, under a listener's name. */
export interface ListenerEndpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's number: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

/** A broker as the metadata has it. Never changed: a change makes a new one. */
export interface BrokerRegistration {
  readonly id: NodeId;
  readonly epoch: BrokerEpoch;
  /** One run of the broker's process. */
  readonly incarnationId: Uuid;
  readonly listeners: readonly ListenerEndpoint[];
  /** What the broker can run at; a feature that is not named is one that it does not have. */
  readonly features: ReadonlyMap<string, VersionBounds>;
  readonly rack: string | null;
  /** A fenced broker leads nothing and is shown to no client. */
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly isMigratingZkBroker: boolean;
  /** The log directories that are online; empty for a broker from before KIP-858. */
  readonly directories: readonly Uuid[];
  /** Of {@link directories}, those that take no new replicas (KIP-1066); null when the broker has not said. */
  readonly cordonedDirectories: readonly Uuid[] | null;
  /** Where the registration stands in the log; after a snapshot, the snapshot's last offset. */
  readonly registeredAt: Offset;
}

export function brokerFromRecord(
  record: MetadataRecordValue<'RegisterBrokerRecord'>,
  registeredAt: Offset,
): BrokerRegistration {
  return {
    id: asNodeId(record.brokerId),
    epoch: asBrokerEpoch(record.brokerEpoch),
    incarnationId: record.incarnationId as Uuid,
    listeners: record.endPoints.map(endpoint => ({ ...endpoint })),
    features: featuresFromRecord(record.features),
    rack: record.rack,
    fenced: record.fenced,
    inControlledShutdown: record.inControlledShutdown,
    isMigratingZkBroker: record.isMigratingZkBroker,
    directories: record.logDirs as Uuid[],
    cordonedDirectories: record.cordonedLogDirs as Uuid[] | null,
    registeredAt,
  };
}

export function brokerToRecord(broker: BrokerRegistration, metadataVersion: MetadataVersion): MetadataRecord {
  return metadataRecord('RegisterBrokerRecord', registerBrokerRecordVersion(metadataVersion), {
    brokerId: broker.id,
    isMigratingZkBroker: broker.isMigratingZkBroker,
    incarnationId: broker.incarnationId,
    brokerEpoch: broker.epoch,
    endPoints: broker.listeners.map(listener => ({ ...listener })),
    features: featuresToRecord(broker.features),
    rack: broker.rack,
    fenced: broker.fenced,
    inControlledShutdown: broker.inControlledShutdown,
    logDirs: hasDirectories(metadataVersion) ? [...broker.directories] : [],
    cordonedLogDirs:
      hasCordonedDirectories(metadataVersion) && broker.cordonedDirectories !== null
        ? [...broker.cordonedDirectories]
        : null,
  });
}

function registerBrokerRecordVersion(metadataVersion: MetadataVersion): number {
  if (hasCordonedDirectories(metadataVersion)) return 4;
  if (hasDirectories(metadataVersion)) return 3;
  return metadataVersion >= 8 ? 2 : 1;
}

interface FeatureRange {
  name: string;
  minSupportedVersion: number;
  maxSupportedVersion: number;
}

export function featuresFromRecord(features: readonly FeatureRange[]): Map<string, VersionBounds> {
  return new Map(
    features.map(feature => [
      feature.name,
      { lowest: feature.minSupportedVersion, highest: feature.maxSupportedVersion },
    ]),
  );
}

export function featuresToRecord(features: ReadonlyMap<string, VersionBounds>): FeatureRange[] {
  return [...features].map(([name, { lowest, highest }]) => ({
    name,
    minSupportedVersion: lowest,
    maxSupportedVersion: highest,
  }));
}

/** Whether the broker may lead and join in-sync replicas. */
export function isActive(broker: BrokerRegistration | undefined): broker is BrokerRegistration {
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}

/** Whether a replica in the directory can be served. A broker that names no directories has all of them online. */
export function hasOnlineDirectory(broker: BrokerRegistration, directory: Uuid): boolean {
  if (directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY) return true;
  if (directory === LOST_DIRECTORY) return false;
  return broker.directories.length === 0 || broker.directories.includes(directory);
}

/** Whether the broker has a log directory that takes new replicas. */
export function hasUncordonedDirectory(broker: BrokerRegistration): boolean {
  const { directories, cordonedDirectories } = broker;
  if (directories.length === 0 || cordonedDirectories === null) return true;
  return directories.some(directory => !cordonedDirectories.includes(directory));
}

/** The directory that a new replica on the broker gets: unassigned while the broker has to choose. */
export function defaultDirectory(
  broker: BrokerRegistration | undefined,
  metadataVersion: MetadataVersion,
): Uuid {
  if (!hasDirectories(metadataVersion)) return MIGRATING_DIRECTORY;
  if (broker === undefined) return UNASSIGNED_DIRECTORY;
  const [first] = broker.directories;
  if (first === undefined) return MIGRATING_DIRECTORY;
  return broker.directories.length === 1 ? first : UNASSIGNED_DIRECTORY;
}
