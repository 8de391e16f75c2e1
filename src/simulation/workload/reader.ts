import type { Poll } from '../../checker/history.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { type ConsumedRecord, Consumer } from '../../client/consumer/consumer.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import type { ClientMachine } from './client_machine.ts';
import type { HistoryRecorder } from './history_recorder.ts';
import type { WorkloadTopic } from './workload_topic.ts';
import { valueIn } from './writer.ts';

export interface ReaderOptions {
  readonly name: string;
  readonly machine: ClientMachine;
  readonly recorder: HistoryRecorder;
  readonly topic: WorkloadTopic;
  readonly partitions: readonly number[];
}

const POLL_MS = 2_000;
const MAX_POLL_RECORDS = 100;

/** A consumer that reads partitions from their start, one process of the history. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #client: ClusterClient;
  readonly #consumer: Consumer;
  readonly #targets: readonly TopicPartition[];
  #isEnding = false;
  #reading: Promise<void> | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const { machine, name, topic, partitions } = options;
    this.#client = machine.connect(name);
    this.#consumer = new Consumer(this.#client, {
      isolationLevel: 'read_committed',
      offsetReset: 'earliest',
      fetchMaxWaitMs: 2_000,
      maxPartitionFetchBytes: 32_768,
    });
    this.#targets = partitions.map(partition => ({
      topic: topic.name,
      partition: asPartitionIndex(partition),
    }));
    this.#consumer.assign(this.#targets.map(target => ({ ...target, start: 'earliest' })));
  }

  /** Reads until it is told to end. */
  start(): void {
    this.#reading = this.#read();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#consumer.wake();
    await this.#reading;
    this.#consumer.close();
    this.#client.close();
  }

  /** How far each partition was read. */
  position(partition: number): bigint {
    const target = this.#targets.find(each => each.partition === partition)!;
    return this.#consumer.position(target) ?? 0n;
  }

  async #read(): Promise<void> {
    while (!this.#isEnding) await this.#poll();
  }

  async #poll(): Promise<void> {
    const { recorder, name } = this.#options;
    recorder.invoke(name, 'poll');
    const records = await this.#consumer.poll({ timeoutMs: POLL_MS, maxRecords: MAX_POLL_RECORDS });
    if (failed(records)) recorder.complete(name, 'fail', { error: records.message });
    else recorder.complete(name, 'ok', { polls: pollsOf(records) });
  }
}

/** The records by key, as histories have them. */
export function pollsOf(records: readonly ConsumedRecord[]): Poll[] {
  const byKey = new Map<string, [offset: number, value: number | string][]>();
  for (const record of records) {
    const key = partitionKey(record);
    // What no writer wrote is for the checker to find.
    const value = valueIn(record.value) ?? Buffer.from(record.value ?? []).toString('hex');
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [[Number(record.offset), value]]);
    else group.push([Number(record.offset), value]);
  }
  return [...byKey].map(([key, read]) => ({ key, records: read }));
}
