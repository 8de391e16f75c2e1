import { asPartitionIndex } from '../../model/ids.ts';
import { partitionKey, type TopicPartition } from '../topic_partition.ts';
import { type Assignor, type GroupMemberFacts, inOrder } from './assignor.ts';

/**
 * Kafka's `cooperative-sticky`: members keep what they have as far as the shares stay even, and what goes from one to
 * another is given to nobody in this rebalance: the one that gives it up joins again, and the next rebalance hands it
 * over (KIP-429). So no two members read a partition at once.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  isCooperative: true,
  assign(members, partitionCounts) {
    const owners = ownersOf(members, partitionCounts);
    const shares = new Shares(inOrder(members));
    for (const { memberId, partition } of owners.values()) shares.give(memberId, partition);
    for (const [topic, count] of partitionCounts) {
      for (let index = 0; index < count; index++) {
        const partition = { topic, partition: asPartitionIndex(index) };
        if (!owners.has(partitionKey(partition))) shares.giveToPoorest(partition);
      }
    }
    shares.even();
    const assignment = new Map<string, TopicPartition[]>();
    for (const [memberId, partitions] of shares.all()) {
      const kept = partitions.filter(partition => {
        const owner = owners.get(partitionKey(partition));
        return owner === undefined || owner.memberId === memberId;
      });
      assignment.set(memberId, kept);
    }
    return assignment;
  },
};

interface Owner {
  readonly memberId: string;
  readonly generation: number;
  readonly partition: TopicPartition;
}

/** Who has a partition now. Of two that claim it the one of the later rebalance has it; of the same, neither. */
function ownersOf(
  members: readonly GroupMemberFacts[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  const disputed = new Map<string, number>();
  for (const { memberId, subscription } of inOrder(members)) {
    const { generation, ownedPartitions, topics } = subscription;
    for (const partition of ownedPartitions) {
      const exists = partition.partition < (partitionCounts.get(partition.topic) ?? 0);
      if (!exists || !topics.includes(partition.topic)) continue;
      const key = partitionKey(partition);
      const other = owners.get(key)?.generation ?? disputed.get(key) ?? -Infinity;
      if (generation > other) {
        owners.set(key, { memberId, generation, partition });
        disputed.delete(key);
      } else if (generation === other) {
        owners.delete(key);
        disputed.set(key, generation);
      }
    }
  }
  return owners;
}

/** What each member gets, evened out. */
class Shares {
  readonly #topics = new Map<string, ReadonlySet<string>>();
  /** In the members' order, which decides between equals. */
  readonly #shares = new Map<string, TopicPartition[]>();

  constructor(members: readonly GroupMemberFacts[]) {
    for (const { memberId, subscription } of members) {
      this.#topics.set(memberId, new Set(subscription.topics));
      this.#shares.set(memberId, []);
    }
  }

  all(): Iterable<[string, TopicPartition[]]> {
    return this.#shares;
  }

  give(memberId: string, partition: TopicPartition): void {
    this.#shares.get(memberId)!.push(partition);
  }

  giveToPoorest(partition: TopicPartition): void {
    const poorest = this.#poorestFor(partition.topic);
    if (poorest !== undefined) this.give(poorest, partition);
  }

  #poorestFor(topic: string): string | undefined {
    let poorest: string | undefined;
    let least = Infinity;
    for (const [memberId, share] of this.#shares) {
      if (share.length >= least || !this.#topics.get(memberId)!.has(topic)) continue;
      poorest = memberId;
      least = share.length;
    }
    return poorest;
  }

  /** Moves partitions from who has two more than another that could have them, until nobody has. */
  even(): void {
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false;
      const richestFirst = [...this.#shares].sort((left, right) => right[1].length - left[1].length);
      for (const [, share] of richestFirst) {
        while (this.#moveOne(share)) hasMoved = true;
      }
    }
  }

  /** From the end, so that what a member has had longest stays. */
  #moveOne(share: TopicPartition[]): boolean {
    for (let index = share.length - 1; index >= 0; index--) {
      const poorest = this.#poorestFor(share[index]!.topic);
      if (poorest === undefined || this.#shares.get(poorest)!.length + 1 >= share.length) continue;
      this.give(poorest, share[index]!);
      share.splice(index, 1);
      return true;
    }
    return false;
  }
}
