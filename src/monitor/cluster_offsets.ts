/** Offsets of a partition, as its leader last told. */
export interface PartitionOffsets {
  /** Of the first record that is there. */
  readonly oldest: bigint;
  /** Behind the last record that consumers see. */
  readonly end: bigint;
}

/** A consumer group, as its coordinator last told. */
export interface GroupView {
  readonly id: string;
  /** `classic`, `consumer`, … */
  readonly type: string;
  readonly state: string;
  readonly members: number;
  /** Committed offsets by topic, then partition. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
}

export interface GroupPartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Records behind the committed offset; undefined while the partition's end is not known. */
  readonly lag: bigint | undefined;
}

/** What the active controller has learned of partitions and groups from the brokers that have them. */
export class ClusterOffsets {
  /** By topic, then partition; without an entry where nobody has told yet. */
  readonly #partitions = new Map<string, Map<number, PartitionOffsets>>();
  #groups: ReadonlyMap<string, GroupView> = new Map();

  of(topic: string, partition: number): PartitionOffsets | undefined {
    return this.#partitions.get(topic)?.get(partition);
  }

  get groups(): ReadonlyMap<string, GroupView> {
    return this.#groups;
  }

  set(topic: string, partition: number, offsets: PartitionOffsets): void {
    let partitions = this.#partitions.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#partitions.set(topic, partitions);
    }
    partitions.set(partition, offsets);
  }

  /** Takes the place of all groups. */
  setGroups(groups: ReadonlyMap<string, GroupView>): void {
    this.#groups = groups;
  }

  retainTopics(isThere: (topic: string) => boolean): void {
    for (const topic of this.#partitions.keys()) if (!isThere(topic)) this.#partitions.delete(topic);
  }

  /** How far a group is behind, by partition. */
  *lagOf({ offsets }: GroupView): Iterable<GroupPartitionLag> {
    for (const [topic, partitions] of offsets) {
      for (const [partition, offset] of partitions) {
        const end = this.of(topic, partition)?.end;
        // What was committed behind the last look at the partition's end is no negative lag.
        const lag = end === undefined ? undefined : end > offset ? end - offset : 0n;
        yield { topic, partition, offset, lag };
      }
    }
  }

  clear(): void {
    this.#partitions.clear();
    this.#groups = new Map();
  }
}
