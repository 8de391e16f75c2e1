import type { ClusterClient } from '../../client/cluster_client.ts';
import { GroupConsumer } from '../../client/group/group_consumer.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { failed } from '../../model/failure.ts';
import type { ClientMachine } from './client_machine.ts';
import type { HistoryRecorder } from './history_recorder.ts';
import { pollsOf } from './reader.ts';
import type { WorkloadTopic } from './workload_topic.ts';

export interface GroupReaderOptions {
  readonly name: string;
  readonly groupId: string;
  readonly machine: ClientMachine;
  readonly recorder: HistoryRecorder;
  readonly topic: WorkloadTopic;
  /** By key: the offsets that members of the group were given. */
  readonly seen: Map<string, Set<number>>;
}

const POLL_MS = 2_000;
const MAX_POLL_RECORDS = 100;
const RETRY_MS = 500;

/** A member of a group that shares a topic: a process of the history, whose partitions come and go. */
export class GroupReader {
  readonly #options: GroupReaderOptions;
  readonly #client: ClusterClient;
  readonly #consumer: GroupConsumer;
  /** Keys that came or went during the poll under way. */
  #rebalanced = new Set<string>();
  #isEnding = false;
  readonly #reading: Promise<void>;

  constructor(options: GroupReaderOptions) {
    this.#options = options;
    const { machine, name, topic, groupId } = options;
    this.#client = machine.connect(name);
    const note = (partitions: readonly TopicPartition[]) => {
      for (const partition of partitions) this.#rebalanced.add(partitionKey(partition));
    };
    this.#consumer = new GroupConsumer(
      this.#client,
      {
        groupId,
        topics: [topic.name],
        commitIntervalMs: 1_000,
        consumer: { isolationLevel: 'read_committed', offsetReset: 'earliest', fetchMaxWaitMs: 2_000 },
      },
      { assigned: note, revoked: note },
    );
    this.#reading = this.#read();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#consumer.consumer.wake();
    await this.#reading;
    await this.#consumer.close();
    this.#client.close();
  }

  #see(key: string, records: readonly (readonly [offset: number, value: unknown])[]): void {
    const seen = this.#options.seen.get(key) ?? new Set();
    this.#options.seen.set(key, seen);
    for (const [offset] of records) seen.add(offset);
  }

  async #read(): Promise<void> {
    const { recorder, name, machine } = this.#options;
    while (!this.#isEnding) {
      this.#rebalanced = new Set();
      recorder.invoke(name, 'poll');
      const records = await this.#consumer.poll({ timeoutMs: POLL_MS, maxRecords: MAX_POLL_RECORDS });
      const rebalanced = [...this.#rebalanced];
      if (!failed(records)) {
        const polls = pollsOf(records);
        for (const { key, records: given } of polls) this.#see(key, given);
        recorder.complete(name, 'ok', { polls, rebalanced });
        continue;
      }
      recorder.complete(name, 'fail', { error: records.message, rebalanced });
      await machine.pause(RETRY_MS);
    }
  }
}
