import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import { readGroupRecord } from '../../group/group_records.ts';
import { type BrokerNode, brokerNode } from '../../handlers/cluster_view.ts';
import { Fetch } from '../../messages/01_fetch.ts';
import { ListOffsets } from '../../messages/02_list_offsets.ts';
import { Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import { asOffset } from '../../model/ids.ts';
import { MAX_COORDINATOR_BATCH_BYTES } from '../../model/limits.ts';
import type { Clock } from '../../model/ports.ts';
import { GROUP_OFFSETS_TOPIC } from '../../model/topic_name.ts';
import type { PeerSender } from '../../peers/peer_sender.ts';
import { eachRecord } from '../../records/read_records.ts';
import { splitBatches } from '../../records/split_batches.ts';
import type { ClusterOffsets } from '../cluster_offsets.ts';
import type { CommitWindows } from './commit_windows.ts';

export interface CommitTailOptions {
  readonly peers: PeerSender;
  readonly clock: Clock;
  readonly image: () => MetadataImage;
  /** Of the listener by which brokers talk to each other. */
  readonly listenerName: () => string;
  readonly offsets: ClusterOffsets;
  readonly windows: CommitWindows;
}

const TIMEOUT_MS = 5000;
/** How much of the past is read by a controller that begins, so that it knows whole windows at once. */
const PAST_MS = 1_800_000;
const PARTITION_BYTES = 1024 * 1024;
const RESPONSE_BYTES = 8 * 1024 * 1024;
/** Fetches of one round at most: a flood of commits is read in the next ones. */
const MAX_ROUND_FETCHES = 20;
/** The last version that names topics by their names. */
const NAMED_TOPICS_VERSION = 12;
const EARLIEST = -2n;
const LATEST = -1n;

/**
 * Reads what groups commit, where it is stored: as Burrow does, so that a commit of the same offset counts as one too,
 * and when it was made is known. Offsets of transactions that were aborted count as well.
 */
export class CommitTail {
  readonly #options: CommitTailOptions;
  /** Where each partition of the offsets topic is read next. */
  readonly #next = new Map<number, bigint>();
  #isCaughtUp = false;

  constructor(options: CommitTailOptions) {
    this.#options = options;
  }

  /** Whether all that there is has been read at least once. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  reset(): void {
    this.#next.clear();
    this.#isCaughtUp = false;
    this.#options.windows.clear();
  }

  /** Reads what is new. What a broker does not answer is read the next time. */
  async run(): Promise<void> {
    const { image, listenerName } = this.#options;
    const byLeader = new Map<BrokerNode, number[]>();
    const nodes = new Map<number, BrokerNode | undefined>();
    const topic = image().topics.byName(GROUP_OFFSETS_TOPIC);
    for (const [index, { leader }] of (topic?.partitions ?? []).entries()) {
      if (!nodes.has(leader)) nodes.set(leader, brokerNode(image(), leader, listenerName()));
      const node = nodes.get(leader);
      if (node === undefined) continue;
      const led = byLeader.get(node);
      if (led === undefined) byLeader.set(node, [index]);
      else led.push(index);
    }
    const results = await Promise.all([...byLeader].map(([node, led]) => this.#readFrom(node, led)));
    if (results.every(isDone => isDone)) this.#isCaughtUp = true;
  }

  /** @returns whether all was read */
  async #readFrom(node: BrokerNode, partitions: readonly number[]): Promise<boolean> {
    const unknown = partitions.filter(index => !this.#next.has(index));
    if (unknown.length > 0) await this.#findStart(node, unknown);
    for (let round = 0; round < MAX_ROUND_FETCHES; round++) {
      const known = partitions.filter(index => this.#next.has(index));
      const progress = await this.#fetch(node, known);
      if (progress === undefined) return false;
      if (progress === 0) return known.length === partitions.length;
    }
    return false;
  }

  /** Begins at what was committed half an hour ago, or at the end of a partition where nothing was since. */
  async #findStart(node: BrokerNode, partitions: readonly number[]): Promise<void> {
    const sinceMs = BigInt(this.#options.clock.nowMs() - PAST_MS);
    const since = await this.#listOffsets(node, partitions, sinceMs);
    const end = await this.#listOffsets(node, partitions, LATEST);
    for (const index of partitions) {
      const found = since.get(index);
      const start = found !== undefined && found >= 0n ? found : end.get(index);
      if (start !== undefined) this.#next.set(index, start);
    }
  }

  async #listOffsets(
    node: BrokerNode,
    partitions: readonly number[],
    timestamp: bigint,
  ): Promise<ReadonlyMap<number, bigint>> {
    const request = {
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        {
          name: GROUP_OFFSETS_TOPIC,
          partitions: partitions.map(partitionIndex => ({ partitionIndex, timestamp })),
        },
      ],
    };
    const response = await this.#options.peers.send(node, ListOffsets, request, { timeoutMs: TIMEOUT_MS });
    const found = new Map<number, bigint>();
    if (failed(response)) return found;
    for (const { partitions: answers } of response.topics) {
      for (const { partitionIndex, errorCode, offset } of answers)
        if (errorCode === Errors.NONE) found.set(partitionIndex, offset);
    }
    return found;
  }

  /** @returns the partitions that moved on; undefined when the broker did not answer */
  async #fetch(node: BrokerNode, partitions: readonly number[]): Promise<number | undefined> {
    if (partitions.length === 0) return 0;
    const request = {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: RESPONSE_BYTES,
      isolationLevel: 1,
      topics: [
        {
          topic: GROUP_OFFSETS_TOPIC,
          partitions: partitions.map(partition => ({
            partition,
            fetchOffset: this.#next.get(partition)!,
            partitionMaxBytes: PARTITION_BYTES,
          })),
        },
      ],
      forgottenTopicsData: [],
    };
    const response = await this.#options.peers.send(node, Fetch, request, {
      timeoutMs: TIMEOUT_MS,
      maxVersion: NAMED_TOPICS_VERSION,
    });
    if (failed(response) || response.errorCode !== Errors.NONE) return undefined;
    let moved = 0;
    for (const { partitionIndex, errorCode, records } of response.responses.flatMap(
      each => each.partitions,
    )) {
      if (errorCode === Errors.OFFSET_OUT_OF_RANGE) await this.#startAgain(node, partitionIndex);
      if (errorCode !== Errors.NONE) continue;
      const before = this.#next.get(partitionIndex);
      this.#read(partitionIndex, Buffer.concat(records ?? []));
      if (this.#next.get(partitionIndex) !== before) moved++;
    }
    return moved;
  }

  async #startAgain(node: BrokerNode, partition: number): Promise<void> {
    const earliest = await this.#listOffsets(node, [partition], EARLIEST);
    const start = earliest.get(partition);
    if (start !== undefined) this.#next.set(partition, start);
  }

  #read(partition: number, bytes: Buffer): void {
    const { batches } = splitBatches(bytes);
    const from = this.#next.get(partition)!;
    for (const batch of batches) {
      // What can't be read is left out: an alert is not worth more than that.
      if (!batch.isControl)
        eachRecord(batch, MAX_COORDINATOR_BATCH_BYTES, ({ offset, key, value }) => {
          if (offset >= from && key !== null) this.#take({ key, value });
        });
      const after = batch.lastOffset + 1n;
      if (after > this.#next.get(partition)!) this.#next.set(partition, after);
    }
  }

  #take(record: { readonly key: Buffer; readonly value: Buffer | null }): void {
    const { windows, offsets } = this.#options;
    const said = readGroupRecord(record, asOffset(0n));
    if (failed(said) || said.kind !== 'offset') return;
    const { group, topic, partition } = said.key;
    const of = { group, topic, partition };
    if (said.value === undefined) {
      windows.remove(of);
      return;
    }
    const { offset, commitTimestampMs } = said.value;
    const end = offsets.of(topic, partition)?.end;
    const lag = end === undefined ? undefined : end > offset ? end - offset : 0n;
    windows.add(of, { offset, atMs: commitTimestampMs, lag });
  }
}
