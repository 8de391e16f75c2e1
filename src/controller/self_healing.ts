import { failed } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { ControllerContext } from './controller_context.ts';
import { isActive } from './image/broker_registration.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { PartitionChanger, type PartitionPlace } from './partition_changer.ts';
import { cancelled, reassigned } from './reassignments.ts';
import { MovePlanner, type ReplicaMove, replicasAfter } from './replica_moves.ts';

/** What one round does, for the log and for the records. */
export interface HealingRound {
  readonly records: readonly MetadataRecord[];
  /** What is begun or given up, in words: `orders-3: replica of broker 2, which is dead, goes to broker 5`. */
  readonly actions: readonly string[];
}

/** A broker with less than this part of the average gets replicas of the others. */
const FILL_BELOW = 0.5;

/**
 * Moves replicas by itself: those of brokers that stay dead are rebuilt on others, and a broker that is new or came
 * back without anything gets its share. Each move is a reassignment like a person's (KIP-455): it is listed with them,
 * can be given up like them, and `self.healing.concurrent.moves` bounds all that are under way, so that copying leaves
 * room for clients. Partitions without a leader are left alone: there is nobody to copy from.
 *
 * Kept by the active controller in memory alone: a new one waits for the whole time again before it takes a broker for
 * dead, and no longer gives up the moves that the one before it began.
 */
export class SelfHealing {
  readonly #clock: Clock;
  /** Since when each broker is out, or in: whichever it is. */
  readonly #sinceMs = new Map<NodeId, { readonly isActive: boolean; readonly sinceMs: number }>();
  /** Replicas of dead brokers whose moves began here, by partition; a move that has ended goes at the next round. */
  readonly #replaced = new Map<string, NodeId>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  round(context: ControllerContext): HealingRound {
    this.#observe(context);
    const { settings } = context;
    const records: MetadataRecord[] = [];
    const actions: string[] = [];
    if (!settings.selfHealingEnable) return { records, actions };
    const changer = new PartitionChanger(context);
    const note = (record: MetadataRecord | undefined, action: string) => {
      if (record === undefined) return;
      records.push(record);
      actions.push(action);
    };
    let underWay = 0;
    context.image.topics.forEachPartition((partition, index, topic) => {
      if (!partition.isReassigning) return;
      const place = { topic, index, partition };
      if (!this.#isNeedless(context, place)) underWay++;
      else note(giveUp(changer, place), `${nameOf(place)}: its broker is back, the move is given up`);
    });
    for (const move of this.#plan(context, settings.selfHealingConcurrentMoves - underWay)) {
      const { place, from, to } = move;
      const target = reassigned(context, place, replicasAfter(place.partition, move), false);
      if (failed(target)) continue;
      const isDead = this.#isDead(context, from);
      if (isDead) this.#replaced.set(nameOf(place), from);
      const why = isDead ? 'which is dead' : 'which has many';
      note(
        changer.change(place, target, 'online'),
        `${nameOf(place)}: replica of broker ${from}, ${why}, goes to broker ${to}`,
      );
    }
    return { records, actions };
  }

  #observe({ image }: ControllerContext): void {
    const nowMs = this.#clock.monotonicMs();
    const seen = new Set<NodeId>(image.cluster.brokers.keys());
    image.topics.forEachPartition(({ replicas }) => {
      for (const replica of replicas) seen.add(replica);
    });
    for (const id of seen) {
      const active = isActive(image.cluster.brokers.get(id));
      if (this.#sinceMs.get(id)?.isActive !== active)
        this.#sinceMs.set(id, { isActive: active, sinceMs: nowMs });
    }
    for (const id of this.#sinceMs.keys()) if (!seen.has(id)) this.#sinceMs.delete(id);
    for (const name of this.#replaced.keys()) if (!isMoving(image.topics, name)) this.#replaced.delete(name);
  }

  #isDead({ settings }: ControllerContext, id: NodeId): boolean {
    const known = this.#sinceMs.get(id);
    return (
      known?.isActive === false && this.#clock.monotonicMs() - known.sinceMs >= settings.selfHealingDeadMs
    );
  }

  /** Whether a broker has been in for long enough to be given replicas that others have. */
  #isSettled({ settings }: ControllerContext, id: NodeId): boolean {
    const known = this.#sinceMs.get(id);
    return (
      known?.isActive === true && this.#clock.monotonicMs() - known.sinceMs >= settings.selfHealingDeadMs
    );
  }

  /** A move that began here because of a broker that has its replica in sync again, before the new one had. */
  #isNeedless({ image }: ControllerContext, place: PartitionPlace): boolean {
    const replaced = this.#replaced.get(nameOf(place));
    if (replaced === undefined || !isActive(image.cluster.brokers.get(replaced))) return false;
    const { isr, addingReplicas } = place.partition;
    return isr.includes(replaced) && !addingReplicas.every(each => isr.includes(each));
  }

  /** At most `budget` moves: those of the partitions with the fewest replicas in sync first. */
  #plan(context: ControllerContext, budget: number): ReplicaMove[] {
    if (budget <= 0) return [];
    const wounded: { readonly place: PartitionPlace; readonly from: NodeId }[] = [];
    context.image.topics.forEachPartition((partition, index, topic) => {
      if (partition.isReassigning || !partition.hasLeader) return;
      const from = partition.replicas.find(replica => this.#isDead(context, replica));
      if (from !== undefined) wounded.push({ place: { topic, index, partition }, from });
    });
    wounded.sort((left, right) => left.place.partition.isr.length - right.place.partition.isr.length);
    const planner = new MovePlanner(context.image);
    const moves: ReplicaMove[] = [];
    for (const { place, from } of wounded) {
      if (moves.length >= budget) break;
      const move = planner.replace(place, from);
      if (move !== undefined) moves.push(move);
    }
    if (wounded.length === 0 && context.settings.selfHealingFillEnable) {
      this.#fill(context, { planner, moves, budget });
    }
    return moves;
  }

  #fill(
    context: ControllerContext,
    {
      planner,
      moves,
      budget,
    }: { readonly planner: MovePlanner; readonly moves: ReplicaMove[]; readonly budget: number },
  ): void {
    const target = planner.meanCount;
    for (const id of context.image.cluster.brokers.keys()) {
      const count = planner.countOf(id);
      if (count === undefined || count >= target * FILL_BELOW || !this.#isSettled(context, id)) continue;
      context.image.topics.forEachPartition((partition, index, topic) => {
        if (moves.length >= budget || planner.countOf(id)! + 1 > target) return;
        if (partition.isReassigning || !isWhole(partition)) return;
        const place = { topic, index, partition };
        if (moves.some(move => nameOf(move.place) === nameOf(place))) return;
        const move = planner.fill(place, id);
        if (move !== undefined) moves.push(move);
      });
    }
  }
}

const nameOf = ({ topic, index }: PartitionPlace): string => `${topic.name}-${index}`;

function isWhole({ isr, replicas, hasLeader }: PartitionRegistration): boolean {
  return hasLeader && isr.length === replicas.length;
}

function isMoving(topics: ControllerContext['image']['topics'], name: string): boolean {
  const dash = name.lastIndexOf('-');
  return topics.byName(name.slice(0, dash))?.partitions[Number(name.slice(dash + 1))]?.isReassigning === true;
}

function giveUp(changer: PartitionChanger, place: PartitionPlace): MetadataRecord | undefined {
  const target = cancelled(changer, place);
  return failed(target) ? undefined : changer.change(place, target);
}
