/** What was asked of a topic, or of all topics, since the node started; under Kafka's names of the same things. */
export class TopicCounters {
  /** Of producers. */
  bytesIn = 0;
  messagesIn = 0;
  /** Of batches that were refused because of what is in them. */
  bytesRejected = 0;
  /** To consumers. */
  bytesOut = 0;
  /** From the leaders that this node follows, and to the followers of those that it leads. */
  replicationBytesIn = 0;
  replicationBytesOut = 0;
  /** Partitions that were written to and read from. */
  totalProduceRequests = 0;
  totalFetchRequests = 0;
  failedProduceRequests = 0;
  failedFetchRequests = 0;
}

export type TopicCounterName = keyof TopicCounters;

/** Counts by topic. Only topics that this node has replicas of are counted by name, so their number is bounded. */
export class TopicStatistics {
  /** Of every topic, those too that there are not. */
  readonly all = new TopicCounters();
  readonly #topics = new Map<string, TopicCounters>();

  get topics(): ReadonlyMap<string, TopicCounters> {
    return this.#topics;
  }

  add(topic: string, name: TopicCounterName, count: number): void {
    this.all[name] += count;
    let counters = this.#topics.get(topic);
    if (counters === undefined) {
      counters = new TopicCounters();
      this.#topics.set(topic, counters);
    }
    counters[name] += count;
  }

  /** Forgets the topics that are not here any more. */
  retain(isHere: (topic: string) => boolean): void {
    for (const topic of this.#topics.keys()) if (!isHere(topic)) this.#topics.delete(topic);
  }
}
