import type { NodeId } from '../model/ids.ts';
import { type BrokerRegistration, hasUncordonedDirectory, isActive } from './image/broker_registration.ts';
import type { MetadataImage } from './image/metadata_image.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import type { PartitionPlace } from './partition_changer.ts';
import { least } from './replica_placement.ts';

/** One replica of a partition goes to another broker. */
export interface ReplicaMove {
  readonly place: PartitionPlace;
  readonly from: NodeId;
  readonly to: NodeId;
}

/** Plans moves of replicas one after the other: each counts with those before it. */
export class MovePlanner {
  readonly #brokers: ReadonlyMap<NodeId, BrokerRegistration>;
  /** Replicas of the brokers that may get more, with those that are on their way. */
  readonly #counts = new Map<NodeId, number>();

  constructor({ cluster, topics }: MetadataImage) {
    this.#brokers = cluster.brokers;
    for (const broker of cluster.brokers.values()) {
      if (isActive(broker) && hasUncordonedDirectory(broker)) this.#counts.set(broker.id, 0);
    }
    topics.forEachPartition(({ replicas, removingReplicas }) => {
      for (const replica of replicas) {
        const count = this.#counts.get(replica);
        if (count !== undefined && !removingReplicas.includes(replica)) this.#counts.set(replica, count + 1);
      }
    });
  }

  /** The replicas of a broker; undefined when it can't get any. */
  countOf(broker: NodeId): number | undefined {
    return this.#counts.get(broker);
  }

  /** The average of the brokers that may get replicas. */
  get meanCount(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return this.#counts.size === 0 ? 0 : sum / this.#counts.size;
  }

  /**
   * Gives the replica of a broker that is lost to another: to one of a rack that the partition is not in yet, if
   * there is any, and of those to the one with the fewest replicas.
   * @returns undefined when every broker that is up has a replica already
   */
  replace(place: PartitionPlace, from: NodeId): ReplicaMove | undefined {
    const { replicas } = place.partition;
    const racks = this.#racksOf(replicas.filter(replica => replica !== from));
    const candidates = [...this.#counts].filter(([id]) => !replicas.includes(id));
    if (candidates.length === 0) return undefined;
    const [to] = least(candidates, ([id, count]) => [racks.get(this.#rackOf(id)) ?? 0, count, id]);
    this.#count(to, 1);
    return { place, from, to };
  }

  /**
   * Brings a replica to a broker that has few, from the one that has most of those that can give it one.
   * @returns undefined when nobody of the partition has more to give, or the partition would be in fewer racks
   */
  fill(place: PartitionPlace, to: NodeId): ReplicaMove | undefined {
    const { replicas, leader } = place.partition;
    if (replicas.includes(to)) return undefined;
    const mean = this.meanCount;
    const racks = this.#racksOf(replicas);
    const isSafe = (from: NodeId) =>
      !racks.has(this.#rackOf(to)) ||
      this.#rackOf(to) === this.#rackOf(from) ||
      racks.get(this.#rackOf(from))! > 1;
    const [from] = replicas
      .filter(replica => replica !== leader && (this.#counts.get(replica) ?? 0) > mean && isSafe(replica))
      .sort((left, right) => this.#counts.get(right)! - this.#counts.get(left)!);
    if (from === undefined) return undefined;
    this.#count(from, -1);
    this.#count(to, 1);
    return { place, from, to };
  }

  #count(broker: NodeId, change: number): void {
    this.#counts.set(broker, (this.#counts.get(broker) ?? 0) + change);
  }

  /** Without racks each broker is its own. */
  #rackOf(broker: NodeId): string {
    return this.#brokers.get(broker)?.rack ?? `\0${broker}`;
  }

  #racksOf(replicas: readonly NodeId[]): Map<string, number> {
    const racks = new Map<string, number>();
    for (const replica of replicas)
      racks.set(this.#rackOf(replica), (racks.get(this.#rackOf(replica)) ?? 0) + 1);
    return racks;
  }
}

/** The replicas of a partition after a move; the new one takes the place of the old. */
export function replicasAfter({ replicas }: PartitionRegistration, { from, to }: ReplicaMove): NodeId[] {
  return replicas.map(replica => (replica === from ? to : replica));
}
