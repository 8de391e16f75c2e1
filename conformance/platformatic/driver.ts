import { setTimeout as delay } from 'node:timers/promises';
import type { Driver, Member, Membership } from '../support/driver.ts';
import type { Scenario } from '../support/program.ts';
import {
  type BytesConsumer,
  type BytesMessage,
  createTopic,
  endOffsets,
  makeConsumer,
  withAdmin,
  withProducer,
} from './client.ts';

/**
 * A member that commits each record after it has processed it. The client's stream may still hand out what it
 * buffered under an earlier assignment, and hand out again what it had buffered: a member counts for itself.
 */
export class StreamMember implements Member {
  readonly #consumer: BytesConsumer;
  readonly #membership: Membership;
  /** By owned partition: the offset to process next. Pending while the group rebalances. */
  #positions: Promise<Map<number, bigint>>;
  /** Settles the positions; absent when they are known. */
  #settle: ((positions: Promise<Map<number, bigint>>) => void) | undefined;
  /** The stream that is being opened, or was last. */
  #opening: Promise<{ destroy(): void }> | undefined;
  #stopped = false;
  #silent = false;

  constructor(scenario: Scenario, membership: Membership) {
    this.#membership = membership;
    this.#consumer = makeConsumer(scenario, membership.group, { groupInstanceId: membership.instanceId });
    this.#positions = this.#unknownPositions();
    this.#consumer.on('consumer:group:rebalance', () => this.#onRebalance());
    this.#consumer.on('consumer:group:join', () => this.#onJoin());
    void this.#processAll();
  }

  #unknownPositions(): Promise<Map<number, bigint>> {
    return new Promise(resolve => {
      this.#settle = resolve;
    });
  }

  #onRebalance(): void {
    if (this.#silent) return;
    this.#membership.ledger.lost(this.#membership.name);
    if (this.#settle === undefined) this.#positions = this.#unknownPositions();
  }

  #onJoin(): void {
    if (this.#silent) return;
    this.#onRebalance();
    const { topic, name, ledger } = this.#membership;
    const partitions = this.#consumer.assignments?.find(each => each.topic === topic)?.partitions ?? [];
    ledger.gained(name, partitions);
    this.#settle!(this.#committed(partitions));
    this.#settle = undefined;
  }

  async #committed(partitions: number[]): Promise<Map<number, bigint>> {
    const { topic } = this.#membership;
    if (partitions.length === 0) return new Map();
    const offsets = await this.#consumer.listCommittedOffsets({ topics: [{ topic, partitions }] });
    const next = (partition: number) => offsets.get(topic)?.[partition] ?? -1n;
    return new Map(partitions.map(partition => [partition, next(partition) < 0n ? 0n : next(partition)]));
  }

  async #processAll(): Promise<void> {
    // Who is silent is left to its fate: joining again it would take its place back from who took it.
    while (!this.#stopped && !this.#silent) {
      try {
        const opening = this.#open();
        this.#opening = opening;
        const stream = await opening;
        for await (const message of stream) {
          await this.#process(message);
          if (this.#stopped) break;
        }
      } catch (error) {
        if (this.#stopped) return;
        console.error(this.#membership.name, error);
        await delay(100);
      }
    }
  }

  /** Joins the group. */
  async #open() {
    const stream = await this.#consumer.consume({
      topics: [this.#membership.topic],
      mode: 'committed',
      fallbackMode: 'earliest',
    });
    // Whoever reads the stream is told; an error before or after that would take the program down.
    stream.on('error', () => {});
    return stream;
  }

  async #process({ partition, offset }: BytesMessage): Promise<void> {
    if (this.#silent) return;
    const { topic, name, ledger } = this.#membership;
    let positions: Map<number, bigint>;
    do positions = await this.#positions;
    while (this.#settle !== undefined);
    if (positions.get(partition) !== offset) return;
    ledger.processed(name, partition, Number(offset));
    positions.set(partition, offset + 1n);
    await this.#consumer.commit({ offsets: [{ topic, partition, offset: offset + 1n, leaderEpoch: -1 }] });
    ledger.committed(partition, Number(offset) + 1);
  }

  /** It stays a member, and does not process or commit any more. */
  silence(): void {
    this.#silent = true;
    this.#membership.ledger.lost(this.#membership.name);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // A stream that still fetches while its consumer closes takes the program down: it finds its topic gone. One that
    // is opened while its consumer closes fails before anyone has it: the group may have done its work without it.
    const stream = await this.#opening?.catch(() => undefined);
    stream?.destroy();
    await this.#consumer.close(true);
    this.#membership.ledger.lost(this.#membership.name);
  }
}

export const driver: Driver = {
  createTopic,
  endOffsets,

  async startMember(scenario, membership) {
    return new StreamMember(scenario, membership);
  },

  withSender: (scenario, topic, work) =>
    withProducer(scenario, { idempotent: true, acks: -1 }, producer =>
      work(async records => {
        const messages = records.map(({ partition, value }) => ({
          topic,
          partition,
          value: Buffer.from(value),
        }));
        await producer.send({ messages });
      }),
    ),

  committedOffsets: (scenario, groupId, topic) =>
    withAdmin(scenario, async admin => {
      const [group] = await admin.listConsumerGroupOffsets({ groups: [groupId] });
      const partitions = group!.topics.find(({ name }) => name === topic)?.partitions ?? [];
      return new Map(
        partitions
          .map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)] as const)
          .sort(([a], [b]) => a - b),
      );
    }),

  async readValues(scenario, topic, onValue) {
    const consumer = makeConsumer(scenario, scenario.name('reader'));
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
    stream.on('data', ({ partition, value }) => onValue(partition, value.toString()));
    return () => consumer.close(true);
  },
};
