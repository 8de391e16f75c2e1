import type { NodeId } from '../model/ids.ts';

/**
 * What this broker sees of the others by itself, before the cluster has decided anything. A client that has just lost
 * its leader asks at once who leads now: told of the dead one again, it would go on with that until its next question,
 * often a second later.
 */
export interface Neighbours {
  /**
   * Resolves when every broker that the metadata has as alive was heard of since the call, or the metadata says that it
   * is gone, or it takes too long. Undefined when there is no other broker.
   */
  certain(): Promise<void> | undefined;
  /**
   * Whether the broker was alive until a moment ago. Metadata names it for a while longer: a client that finds a broker
   * gone from there forgets it with all that it has for it, and some (librdkafka) need a second to find the new leader
   * for that again.
   */
  wasJustAlive(id: NodeId): boolean;
}
