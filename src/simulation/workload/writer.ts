import type { ClusterClient } from '../../client/cluster_client.ts';
import { Producer } from '../../client/producer/producer.ts';
import { failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import type { SeededRandom } from '../seeded_random.ts';
import type { ClientMachine } from './client_machine.ts';
import type { HistoryRecorder } from './history_recorder.ts';
import type { WorkloadTopic } from './workload_topic.ts';

export interface WriterOptions {
  readonly name: string;
  readonly machine: ClientMachine;
  readonly random: SeededRandom;
  readonly topic: WorkloadTopic;
  readonly recorder: HistoryRecorder;
  /** Between two records of a lane, on average. */
  readonly pauseMs: number;
  /** A value that nobody sent before. */
  readonly nextValue: () => number;
  /** All in-sync replicas are said to have the record. */
  readonly acknowledged: (topic: WorkloadTopic, partition: number, offset: bigint) => void;
}

/** Records of a writer that are under way at once. */
const LANES = 3;
const DELIVERY_TIMEOUT_MS = 12_000;
/** Records have this much beside their value, at most. */
const MAX_PADDING_BYTES = 600;

/** A producer that writes records to a topic's partitions at random until it is told to end. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #client: ClusterClient;
  readonly #producer: Producer;
  readonly #lanes: readonly Promise<void>[];
  #isEnding = false;
  #settled = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { machine, name, topic } = options;
    this.#client = machine.connect(name);
    this.#producer = new Producer(this.#client, {
      acks: topic.acks,
      isIdempotent: topic.isIdempotent,
      lingerMs: 2,
      maxBlockMs: 5_000,
      deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    });
    this.#lanes = Array.from({ length: LANES }, (_, lane) => this.#write(`${name}.${lane}`));
  }

  /** Records that were acknowledged. */
  get settledCount(): number {
    return this.#settled;
  }

  /** Ends when what is under way is settled. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#lanes);
    await this.#producer.close();
    this.#client.close();
  }

  async #write(lane: string): Promise<void> {
    const { machine, random, pauseMs } = this.#options;
    while (!this.#isEnding) {
      await machine.pause(2 * pauseMs * random.fraction());
      if (!this.#isEnding) await this.#send(lane);
    }
  }

  async #send(lane: string): Promise<void> {
    const { recorder, topic, random, nextValue, acknowledged } = this.#options;
    const partition = random.below(topic.partitions);
    const value = nextValue();
    recorder.invoke(lane, 'send', [{ key: `${topic.name}-${partition}`, value }]);
    const delivered = await this.#producer.send({
      topic: topic.name,
      partition: asPartitionIndex(partition),
      key: null,
      value: Buffer.from(`${value} ${'.'.repeat(random.below(MAX_PADDING_BYTES))}`),
    });
    if (failed(delivered)) {
      recorder.complete(lane, delivered.mayBeWritten ? 'info' : 'fail', { error: delivered.message });
      return;
    }
    this.#settled++;
    const offset = delivered.offset < 0n ? null : Number(delivered.offset);
    if (topic.acks !== -1) {
      // Where a leader alone has put it says nothing of where it is in the end.
      recorder.complete(lane, 'info');
      return;
    }
    recorder.complete(lane, 'ok', { offsets: [offset] });
    if (offset !== null) acknowledged(topic, partition, delivered.offset);
  }
}

/** The value of a record that a {@link Writer} wrote; undefined when it is none. */
export function valueIn(bytes: Uint8Array | null): number | undefined {
  const match = /^(\d{1,15}) \.*$/.exec(bytes === null ? '' : Buffer.from(bytes).toString('latin1'));
  return match === null ? undefined : Number(match[1]);
}
