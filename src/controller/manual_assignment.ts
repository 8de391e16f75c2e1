import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import { type BrokerRegistration, isActive } from './image/broker_registration.ts';

/**
 * Whether a person's choice of replicas can be: each a registered broker, none twice, as many as it has to be.
 * @param what begins the text of the failure
 * @returns INVALID_REPLICA_ASSIGNMENT if not
 */
export function checkReplicas(
  what: string,
  replicas: readonly NodeId[],
  brokers: ReadonlyMap<NodeId, BrokerRegistration>,
  replicationFactor = replicas.length,
): Failure | undefined {
  const refuse = (why: string) => new Failure(Errors.INVALID_REPLICA_ASSIGNMENT, `${what}: ${why}`);
  if (replicas.length === 0) return refuse('a partition needs a replica');
  const unknown = replicas.find(replica => !brokers.has(replica));
  if (unknown !== undefined) return refuse(`no broker ${unknown} is registered`);
  if (new Set(replicas).size < replicas.length) return refuse(`${replicas.join(', ')} names a broker twice`);
  if (replicas.length === replicationFactor) return undefined;
  return refuse(`it has ${replicas.length} replicas, and the other partitions have ${replicationFactor}`);
}

/** Those of the replicas that are up: who is in sync at the beginning. */
export function activeReplicas(
  replicas: readonly NodeId[],
  brokers: ReadonlyMap<NodeId, BrokerRegistration>,
): NodeId[] {
  return replicas.filter(replica => isActive(brokers.get(replica)));
}
