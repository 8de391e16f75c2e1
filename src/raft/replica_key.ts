import { asNodeId, asUuid, type NodeId, type Uuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';

/** A replica of the metadata log: a node, and the directory that its copy is in (KIP-853). */
export interface ReplicaKey {
  readonly id: NodeId;
  /** Undefined where it is not known: with static voters, and from releases before KIP-853. */
  readonly directoryId: Uuid | undefined;
}

/** The key that a message names; the zero id stands for an unknown directory. */
export function replicaKey(id: number, directoryId: string = ZERO_UUID): ReplicaKey {
  return { id: asNodeId(id), directoryId: directoryId === ZERO_UUID ? undefined : asUuid(directoryId) };
}

/** The directory as messages carry it. */
export function directoryIdOrZero(key: ReplicaKey): Uuid {
  return key.directoryId ?? ZERO_UUID;
}

export function sameReplica(left: ReplicaKey, right: ReplicaKey): boolean {
  return left.id === right.id && left.directoryId === right.directoryId;
}

/** Whether `key` may stand for `known`: the same node, and the same directory unless that of `known` is unknown. */
export function matchesReplica(known: ReplicaKey, key: ReplicaKey): boolean {
  return known.id === key.id && (known.directoryId === undefined || known.directoryId === key.directoryId);
}

/** For maps and for log lines. */
export function replicaText(key: ReplicaKey): string {
  return key.directoryId === undefined ? String(key.id) : `${key.id}@${key.directoryId}`;
}
