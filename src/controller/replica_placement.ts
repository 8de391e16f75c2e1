import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import type { Random } from '../model/ports.ts';

/** A broker that may get replicas. */
export interface PlaceableBroker {
  readonly id: NodeId;
  readonly rack: string | null;
  readonly fenced: boolean;
}

/**
 * Chooses the brokers of new partitions, the first of each as its leader.
 *
 * No two replicas of a partition share a broker, and no two share a rack before each rack has one. Within that the
 * brokers that have got the fewest come next: leaderships for the leader, replicas for the others; and among equals
 * those that followed this leader least, so that all share the load of one that is lost. Chance decides the rest.
 * Fenced brokers get replicas only when the others of their rack have one, and never lead.
 *
 * Kafka's placer, which walks racks and brokers in stripes, gives the same broker of a rack all leaderships of a round
 * when the racks are as many as the brokers in each; this one is even after every round.
 *
 * @returns the replicas of each partition; INVALID_REPLICATION_FACTOR when there are too few brokers
 */
export function placeReplicas(
  brokers: readonly PlaceableBroker[],
  partitionCount: number,
  replicationFactor: number,
  random: Random,
): NodeId[][] | Failure {
  const usable = brokers.filter(broker => !broker.fenced).length;
  if (replicationFactor > brokers.length || usable === 0) {
    return new Failure(
      Errors.INVALID_REPLICATION_FACTOR,
      usable === 0
        ? `Cannot place replicas: none of the ${brokers.length} registered brokers is up`
        : `Cannot place ${replicationFactor} replicas: only ${brokers.length} brokers are registered that take replicas`,
    );
  }
  const candidates = shuffled(brokers, random).map(broker => new Candidate(broker));
  return Array.from({ length: partitionCount }, () => placePartition(candidates, replicationFactor));
}

/** A broker with what it has got so far. */
class Candidate {
  readonly id: NodeId;
  readonly rack: string | null;
  readonly fenced: boolean;
  leaderships = 0;
  replicas = 0;
  /** How often it has followed each leader, anywhere among the followers and as the first of them. */
  readonly followed = new Map<Candidate, number>();
  readonly succeeds = new Map<Candidate, number>();

  constructor({ id, rack, fenced }: PlaceableBroker) {
    this.id = id;
    this.rack = rack;
    this.fenced = fenced;
  }
}

function placePartition(candidates: readonly Candidate[], replicationFactor: number): NodeId[] {
  const usable = candidates.filter(candidate => !candidate.fenced);
  const leader = least(usable, candidate => [candidate.leaderships, candidate.replicas]);
  leader.leaderships++;
  leader.replicas++;
  const chosen = new Set([leader]);
  const followers: Candidate[] = [];
  const rackUses = new Map<string | null, number>([[leader.rack, 1]]);
  while (chosen.size < replicationFactor) {
    const rest = candidates.filter(candidate => !chosen.has(candidate));
    const next = least(rest, candidate => [
      rackUses.get(candidate.rack) ?? 0,
      candidate.fenced ? 1 : 0,
      candidate.replicas,
      candidate.followed.get(leader) ?? 0,
    ]);
    next.replicas++;
    increment(next.followed, leader);
    increment(rackUses, next.rack);
    chosen.add(next);
    followers.push(next);
  }
  if (followers.length === 0) return [leader.id];
  // Who comes second leads when the leader is lost.
  const successor = least(followers, ({ fenced, succeeds }) => [fenced ? 1 : 0, succeeds.get(leader) ?? 0]);
  increment(successor.succeeds, leader);
  const others = followers.filter(follower => follower !== successor);
  return [leader, successor, ...others].map(candidate => candidate.id);
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The first of those for which `rank` is the lowest, its numbers compared from left to right. */
export function least<T>(items: readonly T[], rank: (item: T) => readonly number[]): T {
  let best: T | undefined;
  let bestRank: readonly number[] = [];
  for (const item of items) {
    const itemRank = rank(item);
    const difference = itemRank.findIndex((value, index) => value !== bestRank[index]);
    if (best === undefined || (difference >= 0 && itemRank[difference]! < bestRank[difference]!)) {
      best = item;
      bestRank = itemRank;
    }
  }
  assert(best !== undefined, 'there is a broker to choose');
  return best;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random.fraction() * (last + 1));
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}
