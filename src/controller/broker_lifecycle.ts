import { assert } from '../model/assert.ts';
import type { NodeId, Uuid } from '../model/ids.ts';
import type { ControllerContext } from './controller_context.ts';
import type { BrokerRegistration } from './image/broker_registration.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import { PartitionChanger } from './partition_changer.ts';

/*
 * What becomes of partitions when brokers come and go. Each function gives the records of one step.
 */

interface RegistrationChange {
  /** 1: fenced, -1: not any more. */
  readonly fenced?: 1 | -1;
  readonly inControlledShutdown?: 1;
  readonly directories?: readonly Uuid[];
  readonly cordonedDirectories?: readonly Uuid[];
}

export function registrationChange(broker: BrokerRegistration, change: RegistrationChange): MetadataRecord {
  // The lowest version that has the field, as Kafka writes it: so that no metadata.version needs to be asked.
  let version = 0;
  if (change.inControlledShutdown !== undefined) version = 1;
  if (change.directories !== undefined) version = 2;
  if (change.cordonedDirectories !== undefined) version = 3;
  return metadataRecord('BrokerRegistrationChangeRecord', version, {
    brokerId: broker.id,
    brokerEpoch: broker.epoch,
    fenced: change.fenced ?? 0,
    inControlledShutdown: change.inControlledShutdown ?? 0,
    logDirs: [...(change.directories ?? [])],
    cordonedLogDirs: change.cordonedDirectories === undefined ? null : [...change.cordonedDirectories],
  });
}

/** They are gone: others lead, and all of that in one go, so that nothing moves to the next one that is gone. */
export function fenceBrokers(context: ControllerContext, ids: ReadonlySet<NodeId>): MetadataRecord[] {
  const changer = new PartitionChanger(context, { removed: ids });
  const changes = changer.removeBrokers(partition => partition.isr.some(replica => ids.has(replica)));
  for (const id of ids) {
    const broker = context.image.cluster.brokers.get(id);
    assert(broker !== undefined, `broker ${id} is fenced, and not registered`);
    if (!broker.fenced) changes.push(registrationChange(broker, { fenced: 1 }));
  }
  return changes;
}

/** It is back: what has no leader may have one again. */
export function unfenceBroker(context: ControllerContext, broker: BrokerRegistration): MetadataRecord[] {
  const changer = new PartitionChanger(context, { added: broker.id });
  return [
    registrationChange(broker, { fenced: -1 }),
    ...changer.removeBrokers(partition => !partition.hasLeader),
  ];
}

/** It wants to stop: it leads no more, and is out of sync from now on. */
export function beginControlledShutdown(
  context: ControllerContext,
  broker: BrokerRegistration,
): MetadataRecord[] {
  const changer = new PartitionChanger(context, { removed: new Set([broker.id]) });
  const changes = changer.removeBrokers(partition => partition.isr.includes(broker.id));
  if (broker.inControlledShutdown) return changes;
  return [registrationChange(broker, { inControlledShutdown: 1 }), ...changes];
}

/** Log directories failed: the replicas in them are out of sync and don't lead. */
export function loseDirectories(
  context: ControllerContext,
  broker: BrokerRegistration,
  offline: readonly Uuid[],
): MetadataRecord[] {
  const lost = new Set(broker.directories.filter(directory => offline.includes(directory)));
  if (lost.size === 0) return [];
  const changer = new PartitionChanger(context, { removed: new Set([broker.id]) });
  const changes = changer.removeBrokers(partition => {
    const directory = partition.directoryOf(broker.id);
    return directory !== undefined && lost.has(directory) && partition.isr.includes(broker.id);
  });
  const directories = broker.directories.filter(directory => !lost.has(directory));
  // A broker without any directory left stops; a record can't say that it has none.
  return directories.length === 0 ? changes : [...changes, registrationChange(broker, { directories })];
}
