import type { EpochEntry } from '../../log/leader_epochs.ts';

/** The log of a follower that may be cut, from what it was when that began. */
export interface Cut {
  readonly epochs: readonly EpochEntry[];
  readonly logStartOffset: bigint;
  /** Of the leader that the follower is made like. */
  readonly leaderEpoch: number;
}

/** What is known of a partition apart from any of its replicas. */
export interface Ledger {
  readonly name: string;
  /** Behind the last record that a leader has shown to be committed. */
  committedEnd: bigint;
  /** Which epochs wrote what is committed, from its start. */
  epochs: EpochEntry[];
  /** Leader epochs in the order in which the first node was told of each, with what was committed by then. */
  told: { readonly leaderEpoch: number; readonly committedEnd: bigint }[];
  /** What leaders of earlier epochs show counts no more: records were given up since ({@link giveUp}). */
  firstEpoch: number;
  /** By leader epoch: the node that led. */
  readonly leaders: Map<number, number>;
  /**
   * By node: how far its replica is known to be on its disk, or with `write.caching` in its cache. A process that
   * starts does not know it at first.
   */
  readonly durable: Map<number, bigint>;
  /** By node whose log is being cut, or failed amid that: the next process may find all of it, or what the cut leaves. */
  readonly cuts: Map<number, Cut>;
  /**
   * Nodes whose disk has lost records, with all others or because bits flipped, or that were told to delete the replica,
   * by the newest leader epoch then: until then they had told what they had.
   */
  readonly lost: Map<number, number>;
  /** Nodes on whose disk bits of the replica were flipped: the next process may have to cut it. */
  readonly damaged: Set<number>;
}

/** The ledgers of all partitions that there ever were. */
export class Ledgers {
  /** By topic id and index. */
  readonly #ledgers = new Map<string, Ledger>();

  find(topicId: string, index: number): Ledger | undefined {
    return this.#ledgers.get(`${topicId} ${index}`);
  }

  /** @param name of the partition, for people */
  of(topicId: string, index: number, name: string): Ledger {
    let ledger = this.find(topicId, index);
    if (ledger === undefined) {
      ledger = {
        name,
        committedEnd: 0n,
        epochs: [],
        told: [],
        firstEpoch: 0,
        leaders: new Map(),
        durable: new Map(),
        cuts: new Map(),
        lost: new Map(),
        damaged: new Set(),
      };
      this.#ledgers.set(`${topicId} ${index}`, ledger);
    }
    return ledger;
  }

  all(): Iterable<Ledger> {
    return this.#ledgers.values();
  }
}

/** What was committed before anyone was told of a later leader epoch: who leads in this one has that. */
export function committedBefore({ told, committedEnd }: Ledger, leaderEpoch: number): bigint {
  return told.find(each => each.leaderEpoch > leaderEpoch)?.committedEnd ?? committedEnd;
}

/** From this leader epoch on, what was committed before is not promised any more. */
export function giveUp(ledger: Ledger, leaderEpoch: number): void {
  ledger.committedEnd = 0n;
  ledger.epochs = [];
  ledger.told = [];
  ledger.firstEpoch = leaderEpoch;
}
