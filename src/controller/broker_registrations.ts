import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../messages/62_broker_registration.ts';
import type { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../messages/64_unregister_broker.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asBrokerEpoch, asNodeId, type NodeId, type Uuid } from '../model/ids.ts';
import { isReservedUuid, UNASSIGNED_DIRECTORY } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { registrationChange } from './broker_lifecycle.ts';
import type { ControllerContext } from './controller_context.ts';
import { type Decision, severally } from './decision.ts';
import {
  ELIGIBLE_LEADER_REPLICAS_FEATURE,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
  UNSUPPORTED,
  withinBounds,
} from './features.ts';
import { type BrokerRegistration, brokerToRecord, featuresFromRecord } from './image/broker_registration.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import { hasDirectories } from './metadata_version.ts';
import { checkListeners } from './node_listeners.ts';
import { isInSync, isInSyncOrEligible, PartitionChanger, type PartitionPlace } from './partition_changer.ts';

/** From this version of the request on, a broker says whether it stopped in order (KIP-966). */
const FIRST_VERSION_WITH_PREVIOUS_EPOCH = 3;

/**
 * Registers a process as a broker. The same process may register again, which amends its registration; another one
 * takes the id over once the first is not heard of any more.
 */
export function registerBroker(
  context: ControllerContext,
  request: BrokerRegistrationRequest,
  requestVersion: number,
): Decision<MessageInput<typeof BrokerRegistrationResponse>> | Failure {
  const { image, liveness, metadataVersion } = context;
  const id = asNodeId(request.brokerId);
  const existing = image.cluster.brokers.get(id);
  const isAmendment = existing?.incarnationId === request.incarnationId;
  const refused =
    checkIdentity(context, request, isAmendment ? undefined : existing) ??
    checkDirectories(context, request) ??
    checkListeners(`Broker ${id}`, request.listeners) ??
    checkFeatures(context, request);
  if (refused !== undefined) return refused;
  const epoch = isAmendment ? existing.epoch : asBrokerEpoch(context.nextOffset);
  const registration: BrokerRegistration = {
    id,
    epoch,
    incarnationId: request.incarnationId as Uuid,
    listeners: request.listeners,
    features: featuresFromRecord(request.features),
    rack: request.rack,
    fenced: isAmendment ? existing.fenced : true,
    inControlledShutdown: isAmendment && existing.inControlledShutdown,
    isMigratingZkBroker: false,
    directories: hasDirectories(metadataVersion) ? (request.logDirs as Uuid[]) : [],
    cordonedDirectories: null,
    registeredAt: context.nextOffset,
  };
  const isClean = isCleanStop(request, requestVersion, existing);
  const isKept: IsKept = isClean ? () => true : keptLogs(request, existing);
  const gone = isAmendment || isClean ? NO_BROKERS : silentBeside(context, id, isKept);
  const stopped = isAmendment ? [] : afterStop(context, id, { isKept, gone });
  const records = [...stopped, brokerToRecord(registration, metadataVersion)];
  return {
    ...severally({ throttleTimeMs: 0, errorCode: Errors.NONE, brokerEpoch: epoch }, records),
    proposed: () => liveness.begin(id, epoch),
  };
}

/** Forgets a broker that will not come back. */
export function unregisterBroker(
  context: ControllerContext,
  { brokerId }: UnregisterBrokerRequest,
): Decision<MessageInput<typeof UnregisterBrokerResponse>> | Failure {
  const broker = context.image.cluster.brokers.get(asNodeId(brokerId));
  if (broker === undefined) {
    return new Failure(
      Errors.BROKER_ID_NOT_REGISTERED,
      `Cannot unregister broker ${brokerId}: no broker of that id is registered`,
    );
  }
  // Who comes back under the id has nothing: so it is eligible for nothing.
  const gone = new Set([broker.id]);
  const changer = new PartitionChanger(context, { removed: gone, unclean: gone });
  const records = [
    ...changer.removeBrokers(isInSyncOrEligible(broker.id)),
    metadataRecord('UnregisterBrokerRecord', 0, { brokerId: broker.id, brokerEpoch: broker.epoch }),
  ];
  return {
    ...severally({ throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null }, records),
    proposed: () => context.liveness.end(broker.id),
  };
}

/** A broker that says nothing of its previous epoch, or names another one than the last, may have lost records. */
function isCleanStop(
  request: BrokerRegistrationRequest,
  requestVersion: number,
  existing: BrokerRegistration | undefined,
): boolean {
  if (requestVersion < FIRST_VERSION_WITH_PREVIOUS_EPOCH || existing === undefined) return false;
  return request.previousBrokerEpoch === existing.epoch;
}

/** Whether a replica has all that it acknowledged before its broker stopped. */
type IsKept = (place: PartitionPlace) => boolean;

/**
 * Which replicas a broker has whole though its end was not clean: those whose logs it says are whole, if they are in
 * the directory that the metadata has them in. On another disk a log can be whole and new. Kafka's brokers say nothing
 * of the kind, and have none.
 */
function keptLogs(request: BrokerRegistrationRequest, existing: BrokerRegistration | undefined): IsKept {
  const whole = new Map(request.wholeLogs.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
  const hasAllDirectories =
    existing?.directories.every(directory => request.logDirs.includes(directory)) === true;
  return ({ topic, index, partition }) => {
    if (whole.get(topic.id)?.has(index) !== true) return false;
    const directory = partition.directoryOf(asNodeId(request.brokerId));
    if (directory === UNASSIGNED_DIRECTORY) return hasAllDirectories;
    return directory !== undefined && request.logDirs.includes(directory);
  };
}

/**
 * The brokers that would be left in sync beside one that has crashed, with nothing that speaks for their being there.
 * They may have crashed with it, or lost their disks; once it is out of sync, a silent one could be all that is left.
 * Fenced together with it they are eligible together. One that is there after all comes back with its next heartbeat.
 */
function silentBeside(context: ControllerContext, id: NodeId, isKept: IsKept): ReadonlySet<NodeId> {
  const { image, liveness, ownIncarnationId } = context;
  const silent = new Set<NodeId>();
  for (const broker of image.cluster.brokers.values()) {
    if (broker.id === id || broker.fenced || broker.incarnationId === ownIncarnationId) continue;
    if (liveness.isSilent(broker)) silent.add(broker.id);
  }
  const gone = new Set<NodeId>();
  if (silent.size === 0) return gone;
  image.topics.forEachPartition((partition, index, topic) => {
    const others = partition.isr.filter(replica => replica !== id);
    if (others.length === partition.isr.length || !isKept({ topic, index, partition })) return;
    if (others.every(replica => silent.has(replica))) for (const replica of others) gone.add(replica);
  });
  return gone;
}

/**
 * Another process has the broker's id: the one before is in sync no more, and with it those that are gone. Whoever may
 * have lost records is not eligible to lead either, until it has caught up (KIP-966).
 */
function afterStop(
  context: ControllerContext,
  id: NodeId,
  { isKept, gone }: { readonly isKept: IsKept; readonly gone: ReadonlySet<NodeId> },
): MetadataRecord[] {
  const brokers = new Set([id]);
  const { cluster, features } = context.image;
  if (features.levelOf(ELIGIBLE_LEADER_REPLICAS_FEATURE) === 0) {
    return new PartitionChanger(context, { removed: brokers }).removeBrokers(isInSync(id));
  }
  const stopped = new PartitionChanger(context, { removed: new Set([id, ...gone]) });
  const unclean = new PartitionChanger(context, { removed: gone, unclean: brokers });
  const hasGone = ({ isr }: PartitionRegistration) => isr.some(replica => gone.has(replica));
  return [
    ...stopped.removeBrokers(
      (partition, place) => (isInSync(id)(partition) || hasGone(partition)) && isKept(place),
    ),
    ...unclean.removeBrokers(
      (partition, place) => (isInSyncOrEligible(id)(partition) || hasGone(partition)) && !isKept(place),
    ),
    ...[...gone].map(each => registrationChange(cluster.brokers.get(each)!, { fenced: 1 })),
  ];
}

const NO_BROKERS: ReadonlySet<NodeId> = new Set();

const invalid = (code: ErrorCode, id: number, why: string): Failure =>
  new Failure(code, `Cannot register broker ${id}: ${why}`);

function checkIdentity(
  { clusterId, liveness, ownIncarnationId }: ControllerContext,
  request: BrokerRegistrationRequest,
  other: BrokerRegistration | undefined,
): Failure | undefined {
  const id = request.brokerId;
  if (request.clusterId !== clusterId) {
    const why = `it belongs to the cluster ${request.clusterId}, and this is ${clusterId}`;
    return invalid(Errors.INCONSISTENT_CLUSTER_ID, id, why);
  }
  if (id < 0) return invalid(Errors.INVALID_REGISTRATION, id, 'its node.id must be 0 or more');
  if (request.isMigratingZkBroker) {
    return invalid(Errors.BROKER_ID_NOT_REGISTERED, id, 'brokers that use ZooKeeper are not supported');
  }
  // A node's directories are held by one process: the one before is gone, even if its session is not over.
  const isOwn = request.incarnationId === ownIncarnationId;
  if (other === undefined || isOwn || !liveness.isAlive(other)) return undefined;
  // The same goes for a process that has dropped its connection, when another one holds its directories.
  const holds = other.directories.some(directory => request.logDirs.includes(directory));
  if (holds && !liveness.isConnected(other)) return undefined;
  const why =
    'another process is registered under its node.id. If it was restarted just now, it will be let in as soon as ' +
    'the session of its previous process is over';
  return invalid(Errors.DUPLICATE_BROKER_REGISTRATION, id, why);
}

function checkDirectories(
  { image, metadataVersion }: ControllerContext,
  { brokerId, logDirs }: BrokerRegistrationRequest,
): Failure | undefined {
  if (!hasDirectories(metadataVersion)) return undefined;
  const refuse = (why: string) => invalid(Errors.INVALID_REGISTRATION, brokerId, why);
  if (logDirs.length === 0) return refuse('it names no log directory');
  const reserved = (logDirs as Uuid[]).find(isReservedUuid);
  if (reserved !== undefined) return refuse(`the id ${reserved} of a log directory is reserved`);
  if (new Set(logDirs).size < logDirs.length) return refuse('it names a log directory twice');
  for (const other of image.cluster.brokers.values()) {
    const shared = other.directories.find(directory => logDirs.includes(directory));
    if (other.id === brokerId || shared === undefined) continue;
    return refuse(`its log directory ${shared} is registered for broker ${other.id}: was it copied?`);
  }
  return undefined;
}

function checkFeatures(
  { image, kraftVersion }: ControllerContext,
  request: BrokerRegistrationRequest,
): Failure | undefined {
  const { brokerId } = request;
  const supported = featuresFromRecord(request.features);
  if (!supported.has(METADATA_VERSION_FEATURE)) {
    return invalid(Errors.INVALID_REGISTRATION, brokerId, `its features lack ${METADATA_VERSION_FEATURE}`);
  }
  for (const [name, { lowest, highest }] of supported) {
    if (lowest < 0 || highest < lowest) {
      const why = `its range ${lowest} to ${highest} of the feature ${name} is none`;
      return invalid(Errors.INVALID_REGISTRATION, brokerId, why);
    }
  }
  const names = [KRAFT_VERSION_FEATURE, ...image.features.levels.keys(), ...supported.keys()];
  for (const name of new Set(names)) {
    const level = name === KRAFT_VERSION_FEATURE ? kraftVersion : image.features.levelOf(name);
    const bounds = supported.get(name) ?? UNSUPPORTED;
    if (withinBounds(level, bounds)) continue;
    const why =
      `the cluster runs at ${name} ${level}, and the broker supports ${bounds.lowest} to ${bounds.highest}: ` +
      'run a version that supports it, or change the feature';
    return invalid(Errors.UNSUPPORTED_VERSION, brokerId, why);
  }
  return undefined;
}
