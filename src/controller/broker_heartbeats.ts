import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../messages/63_broker_heartbeat.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asOffset, type Uuid } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import {
  beginControlledShutdown,
  fenceBrokers,
  loseDirectories,
  registrationChange,
  unfenceBroker,
} from './broker_lifecycle.ts';
import { type ControllerContext, registeredBroker } from './controller_context.ts';
import { type Decision, severally } from './decision.ts';
import { type BrokerRegistration, isActive } from './image/broker_registration.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { hasCordonedDirectories, hasDirectories } from './metadata_version.ts';

/*
 * A broker's states, and what moves it (KIP-631, KIP-841):
 *
 *   fenced         → unfenced        it has read its own registration, and does not want to stay fenced
 *                  → shutdown now    it wants to stop
 *   unfenced       → fenced          it wants to be
 *                  → shutting down   it wants to stop, and leads partitions
 *                  → shutdown now    it wants to stop, and leads nothing
 *   shutting down  → shutdown now    it leads nothing, and every active broker knows who leads now
 *
 * A broker that may shut down now is fenced.
 */
export type BrokerState = 'fenced' | 'unfenced' | 'shutting down' | 'shutdown now';

export interface HeartbeatFacts {
  readonly wantsFence: boolean;
  readonly wantsShutDown: boolean;
  readonly hasReadRegistration: boolean;
  readonly leadsPartitions: () => boolean;
  /** Whether every active broker has read of the moves of its leaderships. */
  readonly othersKnow: () => boolean;
}

export function nextBrokerState(state: BrokerState, facts: HeartbeatFacts): BrokerState {
  switch (state) {
    case 'fenced':
      if (facts.wantsShutDown) return 'shutdown now';
      return !facts.wantsFence && facts.hasReadRegistration ? 'unfenced' : 'fenced';
    case 'unfenced':
      if (facts.wantsFence) return facts.wantsShutDown ? 'shutdown now' : 'fenced';
      if (!facts.wantsShutDown) return 'unfenced';
      return facts.leadsPartitions() ? 'shutting down' : 'shutdown now';
    case 'shutting down':
      return !facts.leadsPartitions() && facts.othersKnow() ? 'shutdown now' : 'shutting down';
    case 'shutdown now':
      return state;
  }
}

export function heartbeat(
  context: ControllerContext,
  request: BrokerHeartbeatRequest,
): Decision<MessageInput<typeof BrokerHeartbeatResponse>> | Failure {
  const broker = registeredBroker(context, request.brokerId, request.brokerEpoch);
  if (failed(broker)) return broker;
  const metadataOffset = asOffset(request.currentMetadataOffset);
  const hasReadRegistration = metadataOffset >= broker.registeredAt;
  const before = brokerState(context, broker);
  const after = nextBrokerState(before, {
    wantsFence: request.wantFence,
    wantsShutDown: request.wantShutDown,
    hasReadRegistration,
    leadsPartitions: () => leadsPartitions(context, broker),
    othersKnow: () => othersKnowOfShutdown(context, broker),
  });
  let records = transition(context, broker, before, after);
  // Directories are in every heartbeat: when partitions change already, those that are lost can wait for the next.
  if (records.length === 0) records = directoryChanges(context, broker, request);
  context.liveness.heartbeat(broker, metadataOffset);
  if (after === 'shutdown now') context.liveness.end(broker.id);
  const response = {
    throttleTimeMs: 0,
    errorCode: Errors.NONE,
    isCaughtUp: hasReadRegistration,
    isFenced: after === 'fenced' || after === 'shutdown now',
    shouldShutDown: after === 'shutdown now',
  };
  const decision = severally(response, records);
  if (after !== 'shutting down') return decision;
  return { ...decision, proposed: offset => context.liveness.beginShutdown(broker, offset) };
}

function brokerState({ liveness }: ControllerContext, broker: BrokerRegistration): BrokerState {
  if (broker.fenced) return 'fenced';
  return liveness.shutdownOffset(broker) === undefined ? 'unfenced' : 'shutting down';
}

function leadsPartitions({ image }: ControllerContext, broker: BrokerRegistration): boolean {
  for (const topic of image.topics.all()) {
    if (topic.partitions.some(partition => partition.leader === broker.id)) return true;
  }
  return false;
}

function othersKnowOfShutdown({ image, liveness }: ControllerContext, broker: BrokerRegistration): boolean {
  const offset = liveness.shutdownOffset(broker);
  if (offset === undefined) return false;
  return liveness.haveRead([...image.cluster.brokers.values()].filter(isActive), offset);
}

function transition(
  context: ControllerContext,
  broker: BrokerRegistration,
  before: BrokerState,
  after: BrokerState,
): MetadataRecord[] {
  if (before === after) return [];
  switch (after) {
    case 'fenced':
    case 'shutdown now':
      return fenceBrokers(context, new Set([broker.id]));
    case 'unfenced':
      return unfenceBroker(context, broker);
    case 'shutting down':
      return beginControlledShutdown(context, broker);
  }
}

function directoryChanges(
  context: ControllerContext,
  broker: BrokerRegistration,
  request: BrokerHeartbeatRequest,
): MetadataRecord[] {
  const { metadataVersion } = context;
  if (!hasDirectories(metadataVersion)) return [];
  const lost = loseDirectories(context, broker, request.offlineLogDirs as Uuid[]);
  const cordoned = request.cordonedLogDirs as Uuid[] | null;
  if (cordoned === null || !hasCordonedDirectories(metadataVersion)) return lost;
  const known = new Set(broker.cordonedDirectories);
  const isSame =
    broker.cordonedDirectories !== null &&
    known.size === new Set(cordoned).size &&
    cordoned.every(directory => known.has(directory));
  return isSame ? lost : [...lost, registrationChange(broker, { cordonedDirectories: cordoned })];
}
