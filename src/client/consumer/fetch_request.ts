import type { Fetch, FetchResponse } from '../../messages/01_fetch.ts';
import { ZERO_UUID } from '../../model/uuid.ts';
import type { MessageInput } from '../../protocol/schema.ts';
import type { ClusterMetadata } from '../cluster_metadata.ts';
import { ISOLATION_NUMBERS } from '../list_offsets.ts';
import { groupByTopic, partitionKey } from '../topic_partition.ts';
import type { AssignedPartition } from './assigned_partition.ts';
import type { ConsumerOptions } from './consumer_options.ts';

/** From this version on a Fetch names topics by id. */
export const FIRST_FETCH_BY_ID = 13;
/** From this version on the broker says where the log was cut since the record before the position. */
const FIRST_VERSION_WITH_DIVERGENCE = 12;

export type FetchedAnswer = FetchResponse['responses'][number]['partitions'][number];

/** One fetch of partitions that one broker leads, without a session. */
export class FetchRequestPlan {
  readonly partitions: readonly AssignedPartition[];
  /**
   * By partition: the leader epoch in which the broker leads that is asked. With a later one, learnt since, another
   * broker leads, and this one would answer as its follower.
   */
  readonly #leaderEpochs = new Map<AssignedPartition, number>();
  /** By topic, as they are when the request is made. */
  readonly #topicIds = new Map<string, string>();
  /** By partition: what is fetched for another place does not count. */
  readonly #generations = new Map<AssignedPartition, number>();

  constructor(partitions: readonly AssignedPartition[], metadata: ClusterMetadata) {
    this.partitions = partitions;
    for (const partition of partitions) {
      const { topic } = partition.target;
      this.#topicIds.set(topic, metadata.topic(topic)?.topicId ?? ZERO_UUID);
      this.#generations.set(partition, partition.generation);
      this.#leaderEpochs.set(partition, metadata.partition(partition.target)?.leaderEpoch ?? -1);
    }
  }

  get canGoById(): boolean {
    return ![...this.#topicIds.values()].includes(ZERO_UUID);
  }

  isCurrent(partition: AssignedPartition): boolean {
    return this.#generations.get(partition) === partition.generation;
  }

  request(options: ConsumerOptions): (version: number) => MessageInput<typeof Fetch.request> {
    const items = this.partitions.map(partition => ({ ...partition.target, state: partition }));
    const topics = groupByTopic(items);
    return version => ({
      maxWaitMs: options.fetchMaxWaitMs,
      minBytes: options.fetchMinBytes,
      maxBytes: options.fetchMaxBytes,
      isolationLevel: ISOLATION_NUMBERS[options.isolationLevel],
      topics: Array.from(topics, ([topic, partitions]) => ({
        topic,
        topicId: this.#topicIds.get(topic)!,
        partitions: partitions.map(({ partition, state }) => ({
          partition,
          currentLeaderEpoch: this.#leaderEpochs.get(state)!,
          fetchOffset: state.position!,
          lastFetchedEpoch: version >= FIRST_VERSION_WITH_DIVERGENCE ? state.epoch : -1,
          partitionMaxBytes: options.maxPartitionFetchBytes,
        })),
      })),
      forgottenTopicsData: [],
    });
  }

  /** The answers to the partitions that were asked for. */
  *answers({ responses }: FetchResponse): Generator<[AssignedPartition, FetchedAnswer]> {
    const asked = new Map(this.partitions.map(partition => [partitionKey(partition.target), partition]));
    const names = new Map(Array.from(this.#topicIds, ([topic, id]) => [id, topic]));
    for (const { partitions, topic, topicId } of responses) {
      const name = topic || names.get(topicId);
      for (const answer of partitions) {
        const partition = asked.get(`${name}-${answer.partitionIndex}`);
        if (partition !== undefined) yield [partition, answer];
      }
    }
  }
}
