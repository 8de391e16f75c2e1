import { assert } from '../../model/assert.ts';
import { asNodeId, type BrokerEpoch, type NodeId, type Offset, type Uuid } from '../../model/ids.ts';
import type { VersionBounds } from '../features.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import { hasControllerRegistrations, type MetadataVersion } from '../metadata_version.ts';
import {
  type BrokerRegistration,
  brokerFromRecord,
  brokerToRecord,
  featuresFromRecord,
  featuresToRecord,
  type ListenerEndpoint,
} from './broker_registration.ts';
import type { MetadataDelta } from './metadata_delta.ts';

/** A controller as the metadata has it. Never changed: a change makes a new one. */
export interface ControllerRegistration {
  readonly id: NodeId;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly listeners: readonly ListenerEndpoint[];
  readonly features: ReadonlyMap<string, VersionBounds>;
}

interface BrokerChange {
  readonly fenced?: boolean;
  readonly inControlledShutdown?: boolean;
  readonly directories?: readonly Uuid[];
  readonly cordonedDirectories?: readonly Uuid[];
}

const FENCING: Readonly<Record<number, BrokerChange>> = {
  0: {},
  1: { fenced: true },
  [-1]: { fenced: false },
};

/** The nodes that have registered. */
export class ClusterImage {
  readonly #brokers: Map<NodeId, BrokerRegistration>;
  readonly #controllers: Map<NodeId, ControllerRegistration>;

  constructor(
    brokers: ReadonlyMap<NodeId, BrokerRegistration> = new Map(),
    controllers: ReadonlyMap<NodeId, ControllerRegistration> = new Map(),
  ) {
    this.#brokers = new Map(brokers);
    this.#controllers = new Map(controllers);
  }

  get brokers(): ReadonlyMap<NodeId, BrokerRegistration> {
    return this.#brokers;
  }

  get controllers(): ReadonlyMap<NodeId, ControllerRegistration> {
    return this.#controllers;
  }

  clone(): ClusterImage {
    return new ClusterImage(this.#brokers, this.#controllers);
  }

  registerBroker(
    record: MetadataRecordValue<'RegisterBrokerRecord'>,
    offset: Offset,
    delta: MetadataDelta | undefined,
  ): void {
    const broker = brokerFromRecord(record, offset);
    delta?.brokerChanged(broker.id, this.#brokers.get(broker.id), broker);
    this.#brokers.set(broker.id, broker);
  }

  unregisterBroker(
    record: MetadataRecordValue<'UnregisterBrokerRecord'>,
    delta: MetadataDelta | undefined,
  ): void {
    const broker = this.#broker(record.brokerId, record.brokerEpoch as BrokerEpoch);
    delta?.brokerChanged(broker.id, broker, undefined);
    this.#brokers.delete(broker.id);
  }

  fenceBroker(
    record: MetadataRecordValue<'FenceBrokerRecord' | 'UnfenceBrokerRecord'>,
    fenced: boolean,
    delta: MetadataDelta | undefined,
  ): void {
    this.#change(this.#broker(record.id, record.epoch as BrokerEpoch), { fenced }, delta);
  }

  changeBroker(
    record: MetadataRecordValue<'BrokerRegistrationChangeRecord'>,
    delta: MetadataDelta | undefined,
  ): void {
    const fencing = FENCING[record.fenced];
    assert(fencing !== undefined, `${record.fenced} is no change of a broker's fencing`);
    const shutdown = record.inControlledShutdown;
    assert(shutdown === 0 || shutdown === 1, `${shutdown} is no change of a broker's controlled shutdown`);
    const change: BrokerChange = {
      ...fencing,
      ...(shutdown === 1 ? { inControlledShutdown: true } : {}),
      ...(record.logDirs.length > 0 ? { directories: record.logDirs as Uuid[] } : {}),
      ...(record.cordonedLogDirs !== null ? { cordonedDirectories: record.cordonedLogDirs as Uuid[] } : {}),
    };
    this.#change(this.#broker(record.brokerId, record.brokerEpoch as BrokerEpoch), change, delta);
  }

  registerController(
    record: MetadataRecordValue<'RegisterControllerRecord'>,
    delta: MetadataDelta | undefined,
  ): void {
    const controller: ControllerRegistration = {
      id: asNodeId(record.controllerId),
      incarnationId: record.incarnationId as Uuid,
      zkMigrationReady: record.zkMigrationReady,
      listeners: record.endPoints.map(endpoint => ({ ...endpoint })),
      features: featuresFromRecord(record.features),
    };
    delta?.controllerChanged(controller.id, this.#controllers.get(controller.id), controller);
    this.#controllers.set(controller.id, controller);
  }

  unregisterController(
    record: MetadataRecordValue<'UnregisterControllerRecord'>,
    delta: MetadataDelta | undefined,
  ): void {
    const controller = this.#controllers.get(asNodeId(record.controllerId));
    assert(
      controller !== undefined,
      `controller ${record.controllerId} is unregistered, and was not registered`,
    );
    delta?.controllerChanged(controller.id, controller, undefined);
    this.#controllers.delete(controller.id);
  }

  *records(metadataVersion: MetadataVersion): Iterable<MetadataRecord> {
    for (const broker of this.#brokers.values()) yield brokerToRecord(broker, metadataVersion);
    if (!hasControllerRegistrations(metadataVersion)) return;
    for (const controller of this.#controllers.values()) {
      yield metadataRecord('RegisterControllerRecord', 0, {
        controllerId: controller.id,
        incarnationId: controller.incarnationId,
        zkMigrationReady: controller.zkMigrationReady,
        endPoints: controller.listeners.map(listener => ({ ...listener })),
        features: featuresToRecord(controller.features),
      });
    }
  }

  #broker(id: number, epoch: BrokerEpoch): BrokerRegistration {
    const broker = this.#brokers.get(asNodeId(id));
    assert(broker !== undefined, `a record changes broker ${id}, which is not registered`);
    assert(
      broker.epoch === epoch,
      `a record changes broker ${id} at epoch ${epoch}, and it is at ${broker.epoch}`,
    );
    return broker;
  }

  #change(before: BrokerRegistration, change: BrokerChange, delta: MetadataDelta | undefined): void {
    const after = { ...before, ...change };
    delta?.brokerChanged(before.id, before, after);
    this.#brokers.set(before.id, after);
  }
}
