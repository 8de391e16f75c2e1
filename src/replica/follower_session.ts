import type { FetchRequest } from '../messages/01_fetch.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { FollowedPartition, Wanted } from './followed_partition.ts';

type Topics = NonNullable<MessageInput<typeof FetchRequest>['topics']>;
type Forgotten = NonNullable<MessageInput<typeof FetchRequest>['forgottenTopicsData']>;

/** The part of a fetch request that is the session's. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: Topics;
  readonly forgottenTopicsData: Forgotten;
}

const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const MAX_EPOCH = 0x7fffffff;

/**
 * The follower's side of a fetch session (KIP-227): the leader keeps what is wanted of each partition, so a request
 * names only the partitions of which that changed. Costs nothing for the others.
 *
 *     none → open      the leader gave a session to the request that named everything
 *     open → none      something went wrong: the next request names everything again, and ends the session
 */
export class FollowerSession {
  #id = NO_SESSION;
  /** Of the next request. */
  #epoch = INITIAL_EPOCH;

  get isOpen(): boolean {
    return this.#epoch !== INITIAL_EPOCH;
  }

  /**
   * The next request, and what the leader knows after it.
   * @param wanted the partitions whose fetch is to be told: all while no session is open
   * @param left partitions of the session that are not to be fetched any more
   */
  request(
    wanted: Iterable<readonly [FollowedPartition, Wanted]>,
    left: Iterable<FollowedPartition>,
    maxBytes: number,
  ): SessionRequest {
    const topics = new Map<string, { topicId: string; partitions: Topics[number]['partitions'][number][] }>();
    for (const [followed, want] of wanted) {
      const { topicId, index } = followed.partition;
      let topic = topics.get(topicId);
      if (topic === undefined) {
        topic = { topicId, partitions: [] };
        topics.set(topicId, topic);
      }
      topic.partitions.push({ partition: index, ...want, partitionMaxBytes: maxBytes });
      followed.told = want;
    }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: [...topics.values()],
      forgottenTopicsData: this.#forget(left),
    };
  }

  #forget(left: Iterable<FollowedPartition>): Forgotten {
    const topics = new Map<string, { topicId: string; partitions: number[] }>();
    for (const followed of left) {
      const { topicId, index } = followed.partition;
      followed.told = undefined;
      if (!this.isOpen) continue;
      const topic = topics.get(topicId) ?? { topicId, partitions: [] };
      topics.set(topicId, topic);
      topic.partitions.push(index);
    }
    return [...topics.values()];
  }

  /** The leader answered the request; without a session of its own the next one names everything again. */
  answered(sessionId: number): void {
    if (sessionId === NO_SESSION || (this.isOpen && sessionId !== this.#id)) {
      this.#id = NO_SESSION;
      this.#epoch = INITIAL_EPOCH;
      return;
    }
    this.#id = sessionId;
    this.#epoch = this.#epoch === MAX_EPOCH ? 1 : this.#epoch + 1;
  }

  /** What the leader knows can't be relied on any more. */
  failed(): void {
    this.#epoch = INITIAL_EPOCH;
  }
}
