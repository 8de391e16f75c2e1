import type { CheckOptions } from '../../checker/check_history.ts';
import type { History, HistoryEvent } from '../../checker/history.ts';
import { fetchOffsets } from '../../client/group/group_offsets.ts';
import { failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import type { Profile } from '../run/profiles.ts';
import type { SeededRandom } from '../seeded_random.ts';
import type { World } from '../world/world.ts';
import { Administrator } from './administrator.ts';
import { ClientMachine } from './client_machine.ts';
import { GroupReader } from './group_reader.ts';
import { HistoryRecorder } from './history_recorder.ts';
import { Reader } from './reader.ts';
import { type WorkloadTopic, workloadTopics } from './workload_topic.ts';
import { Writer } from './writer.ts';

export interface WorkloadOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly profile: Profile;
  /** A record is said to be on every in-sync replica. */
  readonly acknowledged: (topicId: string, partition: number, offset: bigint) => void;
  readonly onHistory?: (topic: string, event: HistoryEvent) => void;
}

/** What the records of a topic are checked for. */
export interface TopicHistory {
  readonly topic: string;
  readonly history: History;
  readonly options: CheckOptions;
}

const HOSTS = ['client-1', 'client-2'];
/** Of a topic that is read; one of another. */
const WRITERS_PER_TOPIC = 2;
const GROUP = 'group';
const GROUP_MEMBERS = 2;
/** How often it is looked whether everything is read. */
const LOOK_MS = 200;

/** The clients of a world: writers, readers and an administrator, and what they were told. */
export class Workload {
  readonly topics: readonly WorkloadTopic[];
  readonly hosts = HOSTS;
  readonly #options: WorkloadOptions;
  readonly #machines: readonly ClientMachine[];
  readonly #administrator: Administrator;
  readonly #recorders = new Map<WorkloadTopic, HistoryRecorder>();
  readonly #writers: Writer[] = [];
  readonly #readers: Reader[] = [];
  readonly #groupReaders: GroupReader[] = [];
  /** By key: the offsets that members of the group were given. */
  readonly #seenByGroup = new Map<string, Set<number>>();
  #values = 0;
  /** How often each operation of the administrator succeeded. */
  readonly administration = new Map<string, number>();

  constructor(options: WorkloadOptions) {
    this.#options = options;
    const { world, random, profile, onHistory } = options;
    this.#machines = HOSTS.map(name => new ClientMachine(world, name));
    this.topics = workloadTopics(world.brokers.length, random);
    for (const topic of this.topics) {
      const listener =
        onHistory === undefined ? undefined : (event: HistoryEvent) => onHistory(topic.name, event);
      this.#recorders.set(topic, new HistoryRecorder(world.trace, listener));
    }
    this.#administrator = new Administrator({
      machine: this.#machines[0]!,
      random: random.fork(),
      world,
      topics: this.topics,
      pauseMs: profile.adminEveryMs,
      done: (operation, isOk) => {
        if (isOk) this.administration.set(operation, (this.administration.get(operation) ?? 0) + 1);
      },
    });
  }

  get histories(): readonly TopicHistory[] {
    return this.#readTopics.map(topic => ({
      topic: topic.name,
      history: this.#recorders.get(topic)!.history,
      options: { subscribes: false, singleSends: topic.isIdempotent, retriesBlindly: !topic.isIdempotent },
    }));
  }

  get #readTopics(): readonly WorkloadTopic[] {
    return this.topics.filter(({ isRead }) => isRead);
  }

  createTopics(): Promise<void> {
    return this.#administrator.createTopics();
  }

  start(): void {
    this.#administrator.start();
    this.#startGroup(this.topics[0]!);
    for (const topic of this.topics) {
      for (let index = 0; index < (topic.isRead ? WRITERS_PER_TOPIC : 1); index++) {
        this.#startWriter(topic, index);
      }
      if (!topic.isRead) continue;
      // What is only rarely promised is read by one alone.
      for (let index = 0; index < (topic.isIdempotent ? 2 : 1); index++) {
        this.#readers.push(this.#startReader(topic, `${topic.name}-r${index}`));
      }
    }
  }

  #startGroup(topic: WorkloadTopic): void {
    for (let index = 0; index < GROUP_MEMBERS; index++) {
      this.#groupReaders.push(
        new GroupReader({
          name: `${topic.name}-g${index}`,
          groupId: GROUP,
          machine: this.#machine(index),
          recorder: this.#recorders.get(topic)!,
          topic,
          seen: this.#seenByGroup,
        }),
      );
    }
  }

  /**
   * A group never passes anything over: what is before its committed offsets, some member was given.
   * @throws {Error} when it was not
   */
  async #checkGroup(topic: WorkloadTopic): Promise<void> {
    const client = this.#machines[0]!.connect('group-check');
    const targets = Array.from({ length: topic.partitions }, (_, partition) => ({
      topic: topic.name,
      partition: asPartitionIndex(partition),
    }));
    const committed = await fetchOffsets(client, GROUP, targets, { isStable: true });
    client.close();
    if (failed(committed)) throw new Error(`The group's offsets can not be fetched: ${committed}`);
    for (const [key, { offset }] of committed) {
      for (const read of this.#offsetsOf(topic, key)) {
        if (read >= Number(offset) || this.#seenByGroup.get(key)?.has(read) === true) continue;
        throw new Error(
          `The group has committed offset ${offset} of ${key}, and no member was given ${read}`,
        );
      }
    }
  }

  /** The offsets of a key that the last reader was given. */
  #offsetsOf(topic: WorkloadTopic, key: string): number[] {
    const operations = this.#recorders.get(topic)!.history.operations();
    return operations
      .filter(operation => operation.process === `${topic.name}-last`)
      .flatMap(({ polls }) => polls.filter(poll => poll.key === key))
      .flatMap(({ records }) => records.map(([offset]) => offset));
  }

  #machine(index: number): ClientMachine {
    return this.#machines[index % this.#machines.length]!;
  }

  #startWriter(topic: WorkloadTopic, index: number): void {
    const { random, profile } = this.#options;
    this.#writers.push(
      new Writer({
        name: `${topic.name}-w${index}`,
        machine: this.#machine(index),
        random: random.fork(),
        topic,
        recorder: this.#recorders.get(topic)!,
        pauseMs: profile.writeEveryMs,
        nextValue: () => ++this.#values,
        acknowledged: (written, partition, offset) => this.#acknowledged(written, partition, offset),
      }),
    );
  }

  #startReader(topic: WorkloadTopic, name: string): Reader {
    const reader = new Reader({
      name,
      machine: this.#machine(this.#readers.length),
      recorder: this.#recorders.get(topic)!,
      topic,
      partitions: Array.from({ length: topic.partitions }, (_, partition) => partition),
    });
    reader.start();
    return reader;
  }

  #acknowledged(topic: WorkloadTopic, partition: number, offset: bigint): void {
    const { world, acknowledged } = this.#options;
    // The power may have failed on its way.
    if (!topic.isRead) return;
    for (const { services } of world.nodes) {
      const image = services?.metadata.image.topics.byName(topic.name);
      if (image === undefined) continue;
      acknowledged(image.id, partition, offset);
      return;
    }
  }

  /** Resolves when every record that was sent is settled. */
  async endWriting(): Promise<void> {
    await Promise.all([this.#administrator.end(), ...this.#writers.map(writer => writer.end())]);
  }

  /** Reads every partition anew, from its start to its end. */
  async readBack(): Promise<void> {
    await Promise.all([...this.#readers, ...this.#groupReaders].map(reader => reader.end()));
    await Promise.all(this.#readTopics.map(topic => this.#readTopicBack(topic)));
    await this.#checkGroup(this.topics[0]!);
  }

  async #readTopicBack(topic: WorkloadTopic): Promise<void> {
    const reader = this.#startReader(topic, `${topic.name}-last`);
    const isRead = () =>
      Array.from({ length: topic.partitions }, (_, index) => index).every(
        index => reader.position(index) >= this.#endOffset(topic, index),
      );
    while (!isRead()) await this.#machines[0]!.pause(LOOK_MS);
    await reader.end();
  }

  /** Where the partition ends at its leader. */
  #endOffset(topic: WorkloadTopic, index: number): bigint {
    let end = -1n;
    for (const { services } of this.#options.world.brokers) {
      for (const partition of services?.replicas.partitions() ?? []) {
        const isIt = partition.topic === topic.name && partition.index === asPartitionIndex(index);
        if (isIt && partition.isLeader && partition.log!.endOffset > end) end = partition.log!.endOffset;
      }
    }
    return end < 0n ? BigInt(Number.MAX_SAFE_INTEGER) : end;
  }
}
