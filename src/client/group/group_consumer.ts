import { Errors } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { Timer } from '../../model/ports.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { type ConsumedRecord, Consumer, type PollOptions } from '../consumer/consumer.ts';
import { partitionKey, type TopicPartition } from '../topic_partition.ts';
import { GroupMember } from './group_member.ts';
import { commitOffsets, fetchOffsets, type GroupOffset } from './group_offsets.ts';
import { DEFAULT_GROUP_OPTIONS, type GroupOptions } from './group_options.ts';

/** What the member has to do with the partitions, when the program polls next. */
interface Change {
  readonly kind: 'assigned' | 'revoked' | 'lost';
  readonly partitions: readonly TopicPartition[];
  readonly done: () => void;
}

export interface GroupConsumerListener {
  /** Partitions came: their positions are what the group has committed, or as `auto.offset.reset` says. */
  assigned?(partitions: readonly TopicPartition[]): void;
  /** Partitions go: everything that was polled before counts as dealt with. */
  revoked?(partitions: readonly TopicPartition[]): void;
}

/**
 * Reads topics together with the other members of a group. Partitions come and go within {@link poll} alone, and what
 * was polled before counts as dealt with at the next poll: that is what is committed then.
 */
export class GroupConsumer {
  readonly #client: ClusterClient;
  readonly #options: GroupOptions;
  readonly #listener: GroupConsumerListener;
  readonly #consumer: Consumer;
  readonly #member: GroupMember;
  /** At most one: the member waits for it. */
  #change: Change | undefined;
  /** Positions as of the last poll: what was given out before it. */
  #dealtWith: readonly GroupOffset[] = [];
  readonly #committed = new Map<string, bigint>();
  #nextCommitMs: number;
  #pollTimer: Timer | undefined;
  #isClosed = false;

  constructor(
    client: ClusterClient,
    options: Partial<GroupOptions> & Pick<GroupOptions, 'groupId' | 'topics'>,
    listener: GroupConsumerListener = {},
  ) {
    this.#client = client;
    this.#options = { ...DEFAULT_GROUP_OPTIONS, ...options };
    this.#listener = listener;
    this.#consumer = new Consumer(client, this.#options.consumer);
    const later = (kind: Change['kind']) => (partitions: readonly TopicPartition[]) =>
      new Promise<void>(done => {
        this.#change = { kind, partitions, done };
        this.#consumer.wake();
      });
    this.#member = new GroupMember(client, this.#options, {
      assigned: later('assigned'),
      revoked: later('revoked'),
      lost: later('lost'),
      refused: () => this.#consumer.wake(),
    });
    this.#nextCommitMs = client.ports.clock.monotonicMs() + this.#options.commitIntervalMs;
  }

  get assignment(): readonly TopicPartition[] {
    return this.#consumer.assignment;
  }

  get generation(): number {
    return this.#member.generation;
  }

  get memberId(): string {
    return this.#member.memberId;
  }

  /** The consumer of the partitions that are assigned, for positions and ends. */
  get consumer(): Pick<Consumer, 'position' | 'endOffset' | 'seek' | 'pause' | 'resume' | 'wake'> {
    return this.#consumer;
  }

  /**
   * Gives out the next records of the partitions that the member has, and takes part in rebalances.
   * @returns as {@link Consumer.poll}; also why the group does not take the member
   */
  async poll(options: PollOptions): Promise<ConsumedRecord[] | Failure> {
    const { clock } = this.#client.ports;
    const endMs = clock.monotonicMs() + options.timeoutMs;
    this.#member.start();
    this.#expectPoll();
    this.#dealtWith = this.#positions();
    for (;;) {
      await this.#makeChange();
      await this.#commitWhenDue();
      if (this.#member.failure !== undefined) return this.#member.failure;
      const leftMs = Math.max(0, endMs - clock.monotonicMs());
      const records = await this.#consumer.poll({ ...options, timeoutMs: leftMs });
      // Records that were fetched before a change are still the member's: it gives them up at the next poll.
      if (failed(records) || records.length > 0) return records;
      if (this.#change === undefined && this.#member.failure === undefined) return records;
    }
  }

  #positions(): GroupOffset[] {
    return this.#consumer.positions().map(({ leaderEpoch, offset, target }) => ({
      ...target,
      offset,
      leaderEpoch: leaderEpoch as NonNullable<GroupOffset['leaderEpoch']>,
    }));
  }

  /** Who does not poll for long is not alive. */
  #expectPoll(): void {
    const { maxPollIntervalMs } = this.#options;
    this.#pollTimer?.cancel();
    this.#pollTimer = this.#client.ports.clock.startTimer(maxPollIntervalMs, () => {
      this.#client.ports.logger.warn('The member did not poll for too long: it is out of the group', {
        group: this.#options.groupId,
        maxPollIntervalMs,
      });
      void this.#member.abandon();
    });
  }

  async #makeChange(): Promise<void> {
    const change = this.#change;
    if (change === undefined) return;
    this.#change = undefined;
    const { kind, partitions } = change;
    if (kind === 'assigned') await this.#assign(partitions);
    else await this.#unassign(partitions, kind);
    change.done();
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const { consumer, groupId } = this.#options;
    const isStable = consumer.isolationLevel === 'read_committed';
    for (;;) {
      const offsets =
        partitions.length === 0
          ? new Map<string, GroupOffset>()
          : await fetchOffsets(this.#client, groupId, partitions, { isStable });
      if (failed(offsets)) {
        if (this.#isClosed || this.#client.isClosed) return;
        this.#client.ports.logger.warn('The positions of the group are not known: they are asked for again', {
          group: groupId,
          error: offsets.toString(),
        });
        continue;
      }
      const added = partitions.map(partition => {
        const known = offsets.get(partitionKey(partition));
        if (known === undefined) return partition;
        this.#committed.set(partitionKey(partition), known.offset);
        const { leaderEpoch = -1, offset } = known;
        return { ...partition, start: { offset, leaderEpoch: leaderEpoch as never } };
      });
      this.#consumer.assign([...this.#consumer.assignment, ...added]);
      this.#dealtWith = this.#positions();
      if (partitions.length > 0) this.#listener.assigned?.(partitions);
      return;
    }
  }

  async #unassign(partitions: readonly TopicPartition[], kind: 'revoked' | 'lost'): Promise<void> {
    if (kind === 'revoked' && this.#options.commitsByItself) await this.commit();
    const gone = new Set(partitions.map(partitionKey));
    this.#consumer.assign(this.#consumer.assignment.filter(each => !gone.has(partitionKey(each))));
    for (const key of gone) this.#committed.delete(key);
    this.#dealtWith = this.#dealtWith.filter(each => !gone.has(partitionKey(each)));
    this.#listener.revoked?.(partitions);
  }

  async #commitWhenDue(): Promise<void> {
    const { clock } = this.#client.ports;
    if (!this.#options.commitsByItself || clock.monotonicMs() < this.#nextCommitMs) return;
    this.#nextCommitMs = clock.monotonicMs() + this.#options.commitIntervalMs;
    const failure = await this.commit();
    if (failure === undefined) return;
    this.#client.ports.logger.warn('The offsets were not committed', {
      group: this.#options.groupId,
      error: failure.toString(),
    });
  }

  /**
   * Commits offsets: those given, or what was polled before the last poll.
   * @returns why not all were; after UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS others may read
   *   on from the offsets before
   */
  async commit(offsets: readonly GroupOffset[] = this.#dealtWith): Promise<Failure | undefined> {
    const news = offsets.filter(each => this.#committed.get(partitionKey(each)) !== each.offset);
    if (news.length === 0) return undefined;
    const result = await commitOffsets(this.#client, this.#member.committer, news);
    if (failed(result)) {
      const isExpelled =
        result.code === Errors.UNKNOWN_MEMBER_ID || result.code === Errors.ILLEGAL_GENERATION;
      if (isExpelled || result.code === Errors.REBALANCE_IN_PROGRESS) this.#member.rejoin(isExpelled);
      return result;
    }
    for (const each of news) {
      if (!result.has(partitionKey(each))) this.#committed.set(partitionKey(each), each.offset);
    }
    return result.values().next().value;
  }

  /** Commits what was polled, if it does so by itself, and leaves the group. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pollTimer?.cancel();
    this.#dealtWith = this.#positions();
    let hasLeft = false;
    const left = this.#member.leave().then(() => {
      hasLeft = true;
      this.#consumer.wake();
    });
    // What the member gives up is given up here: nobody polls any more.
    while (!hasLeft) {
      await this.#makeChange();
      if (!hasLeft) await this.#consumer.poll({ timeoutMs: 1_000, maxRecords: 0 });
    }
    await left;
    this.#consumer.close();
  }
}
