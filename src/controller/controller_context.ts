import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asNodeId, type BrokerEpoch, type NodeId, type Offset, type Uuid } from '../model/ids.ts';
import type { Random } from '../model/ports.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import type { BrokerLiveness } from './broker_liveness.ts';
import type { BrokerRegistration } from './image/broker_registration.ts';
import type { MetadataImage } from './image/metadata_image.ts';
import type { MetadataVersion } from './metadata_version.ts';

/** What decisions are made on. They read it; what they want changed they return as records. */
export interface ControllerContext {
  /** This node, which is the active controller. */
  readonly nodeId: NodeId;
  readonly clusterId: string;
  /** The settings of this node, as of what is committed. */
  readonly node: DynamicSettings;
  readonly settings: BrokerSettings;
  readonly random: Random;
  readonly liveness: BrokerLiveness;
  /** The state with all that was proposed, committed or not. */
  readonly image: MetadataImage;
  readonly metadataVersion: MetadataVersion;
  /** At most the offset that the next record gets, and above that of each record before. */
  readonly nextOffset: Offset;
  /** Of the broker in this process. */
  readonly ownIncarnationId: Uuid | undefined;
  /** The nodes that vote in the quorum. */
  readonly voterIds: readonly NodeId[];
  /** The level of the feature `kraft.version`, which the quorum keeps by itself. */
  readonly kraftVersion: number;
  /** Raises it, or only finds out whether that can be done. @returns INVALID_UPDATE_VERSION if not */
  upgradeKraftVersion(level: number, validateOnly: boolean): Failure | undefined;
}

/**
 * The registration under which a broker speaks.
 * @returns STALE_BROKER_EPOCH when it is not registered, or has registered again since
 */
export function registeredBroker(
  { image }: ControllerContext,
  brokerId: number,
  brokerEpoch: bigint,
): BrokerRegistration | Failure {
  const broker = image.cluster.brokers.get(asNodeId(brokerId));
  if (broker === undefined) {
    return new Failure(
      Errors.STALE_BROKER_EPOCH,
      `Broker ${brokerId} is not registered: it has to register again`,
    );
  }
  if (broker.epoch !== (brokerEpoch as BrokerEpoch)) {
    return new Failure(
      Errors.STALE_BROKER_EPOCH,
      `Broker ${brokerId} is registered with epoch ${broker.epoch}, not ${brokerEpoch}: another process took its ` +
        'place, or it has to register again',
    );
  }
  return broker;
}
