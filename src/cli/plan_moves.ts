import type { TopicPartition } from '../client/topic_partition.ts';

export interface PlacedPartition extends TopicPartition {
  readonly replicas: readonly number[];
}

export interface PlannedMove extends TopicPartition {
  readonly before: readonly number[];
  readonly replicas: readonly number[];
}

export interface PlanTargets {
  /** Where replicas may be, with their racks. */
  readonly brokers: readonly { readonly nodeId: number; readonly rack: string | null }[];
  /** Of each partition; as many as it has without it. */
  readonly replicationFactor?: number;
}

/**
 * Where the replicas of partitions shall be: those on brokers that they may be on stay, the others go where there are
 * fewest, in other racks as far as there are some. Leaders are shared out the same way.
 * @returns only the partitions that change
 */
export function planMoves(
  partitions: readonly PlacedPartition[],
  { brokers, replicationFactor }: PlanTargets,
): PlannedMove[] {
  const racks = new Map(brokers.map(({ nodeId, rack }) => [nodeId, rack]));
  const replicaLoad = new Map(brokers.map(({ nodeId }) => [nodeId, 0]));
  const leaderLoad = new Map(brokers.map(({ nodeId }) => [nodeId, 0]));
  const add = (load: Map<number, number>, id: number) => load.set(id, (load.get(id) ?? 0) + 1);
  for (const { replicas } of partitions) for (const id of replicas) if (racks.has(id)) add(replicaLoad, id);
  const moves: PlannedMove[] = [];
  for (const { partition, replicas: before, topic } of partitions) {
    const wanted = Math.min(replicationFactor ?? before.length, brokers.length);
    const kept = before.filter(id => racks.has(id)).slice(0, wanted);
    const replicas = [...kept];
    while (replicas.length < wanted) {
      const next = leastLoaded(replicaLoad, { taken: replicas, racks });
      replicas.push(next);
      add(replicaLoad, next);
    }
    const leader = kept.includes(before[0]!)
      ? before[0]!
      : leastLoaded(leaderLoad, { among: replicas, taken: [], racks });
    add(leaderLoad, leader);
    const ordered = [leader, ...replicas.filter(id => id !== leader)];
    if (ordered.join() !== before.join()) moves.push({ topic, partition, before, replicas: ordered });
  }
  return moves;
}

interface Choice {
  readonly taken: readonly number[];
  readonly racks: ReadonlyMap<number, string | null>;
  readonly among?: readonly number[];
}

function leastLoaded(load: ReadonlyMap<number, number>, { among, racks, taken }: Choice): number {
  const takenRacks = new Set(taken.map(id => racks.get(id) ?? null).filter(rack => rack !== null));
  let best: { readonly id: number; readonly isInTakenRack: boolean; readonly count: number } | undefined;
  for (const [id, count] of load) {
    if (taken.includes(id) || (among !== undefined && !among.includes(id))) continue;
    const rack = racks.get(id) ?? null;
    const isInTakenRack = rack !== null && takenRacks.has(rack);
    const isBetter =
      best === undefined ||
      (best.isInTakenRack && !isInTakenRack) ||
      (best.isInTakenRack === isInTakenRack && count < best.count);
    if (isBetter) best = { id, isInTakenRack, count };
  }
  return best!.id;
}
