import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../src/messages/02_list_offsets.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { type Failure, failed } from '../../src/model/failure.ts';
import type { PeerClient } from '../../src/peers/peer_client.ts';
import type { Endpoint } from '../../src/peers/peer_sender.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import {
  BATCH_BYTES,
  END_TO_END_RECORD_BYTES,
  type Latency,
  type Load,
  type LoadTarget,
  type ProducePlan,
  type Throughput,
} from './load.ts';
import { createClient, leadersOf } from './own_client.ts';

const TIMEOUT_MS = 60_000;
const REQUESTS_IN_FLIGHT = 5;
const RECORD_OVERHEAD_BYTES = 12;
const FETCH_BYTES = 50 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;
const LATEST = -1n;
const ACKS = { all: -1, '1': 1 } as const;

/**
 * Requests that are made once and sent again and again over this project's own codec: for machines without Java. It
 * takes less of the machine than a producer that gathers records, so its rates are higher, and the brokers' CPU time
 * for the same bytes about the same.
 */
export class OwnLoad implements Load {
  readonly name = "prepared batches over this project's own codec";

  async produce(target: LoadTarget, plan: ProducePlan): Promise<Throughput> {
    const batch = prepareBatch(plan);
    const client = createClient();
    try {
      const { topicId, leaders } = await leadersOf(client, target.bootstrap[0]!, target.topic);
      const startedMs = performance.now();
      let left = Math.ceil(plan.records / batch.records);
      const work = [...groupByEndpoint(leaders)].flatMap(([endpoint, partitions]) =>
        Array.from({ length: REQUESTS_IN_FLIGHT }, async () => {
          while (left > 0) {
            const chosen = partitions.slice(0, left);
            left -= chosen.length;
            const partitionData = chosen.map(index => ({ index, records: [batch.buffer] }));
            const request = {
              acks: ACKS[plan.acks],
              timeoutMs: TIMEOUT_MS,
              topicData: [{ name: target.topic, topicId, partitionData }],
            };
            const response = okay(await client.send(endpoint, Produce, request, { timeoutMs: TIMEOUT_MS }));
            for (const each of response.responses[0]!.partitionResponses) expectNoError(each.errorCode);
          }
        }),
      );
      await Promise.all(work);
      const megabytes = (plan.records * plan.recordBytes) / 2 ** 20;
      return { megabytes, megabytesPerSecond: megabytes / ((performance.now() - startedMs) / 1e3) };
    } finally {
      client.close();
    }
  }

  async consume(target: LoadTarget): Promise<Throughput> {
    const client = createClient();
    try {
      const { topicId, leaders } = await leadersOf(client, target.bootstrap[0]!, target.topic);
      const startedMs = performance.now();
      const sizes = await Promise.all(
        [...groupByEndpoint(leaders)].map(async ([endpoint, partitions]) => {
          const reader = new Reader(client, endpoint, { ...target, topicId, partitions });
          const ends = await reader.ends();
          let sizeBytes = 0;
          while (partitions.some((_, at) => reader.positions[at]! < ends[at]!))
            sizeBytes += await reader.read();
          return sizeBytes;
        }),
      );
      const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
      return { megabytes, megabytesPerSecond: megabytes / ((performance.now() - startedMs) / 1e3) };
    } finally {
      client.close();
    }
  }

  async endToEnd(target: LoadTarget, records: number): Promise<Latency> {
    const writer = createClient();
    const client = createClient();
    try {
      const { topicId, leaders } = await leadersOf(client, target.bootstrap[0]!, target.topic);
      const { endpoint, partition } = leaders[0]!;
      const reader = new Reader(client, endpoint, { ...target, topicId, partitions: [partition] });
      reader.positions = await reader.ends();
      const { buffer } = prepareBatch({ acks: 'all', records: 1, recordBytes: END_TO_END_RECORD_BYTES });
      const partitionData = [{ index: partition, records: [buffer] }];
      const topicData = [{ name: target.topic, topicId, partitionData }];
      const times: number[] = [];
      for (let count = 0; count < records; count++) {
        const sentMs = performance.now();
        const request = { acks: ACKS.all, timeoutMs: TIMEOUT_MS, topicData };
        const sending = writer.send(endpoint, Produce, request, { timeoutMs: TIMEOUT_MS });
        while ((await reader.read()) === 0);
        times.push(performance.now() - sentMs);
        expectNoError(okay(await sending).responses[0]!.partitionResponses[0]!.errorCode);
      }
      times.sort((left, right) => left - right);
      const at = (share: number) => times[Math.floor(times.length * share)]!;
      return { p50Ms: at(0.5), p99Ms: at(0.99) };
    } finally {
      writer.close();
      client.close();
    }
  }
}

interface Reading {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** Reads some partitions of one leader from the beginning. */
class Reader {
  readonly #client: PeerClient;
  readonly #endpoint: Endpoint;
  readonly #reading: Reading;
  /** Where to read next, in the order of the partitions. */
  positions: bigint[];

  constructor(client: PeerClient, endpoint: Endpoint, reading: Reading) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#reading = reading;
    this.positions = reading.partitions.map(() => 0n);
  }

  async ends(): Promise<bigint[]> {
    const { topic, partitions } = this.#reading;
    const request = {
      replicaId: -1,
      isolationLevel: 0,
      timeoutMs: TIMEOUT_MS,
      topics: [
        {
          name: topic,
          partitions: partitions.map(partitionIndex => ({ partitionIndex, timestamp: LATEST })),
        },
      ],
    };
    const options = { timeoutMs: TIMEOUT_MS };
    const response = okay(await this.#client.send(this.#endpoint, ListOffsets, request, options));
    const found = response.topics[0]!.partitions;
    return partitions.map(index => found.find(each => each.partitionIndex === index)!.offset);
  }

  /** One fetch; returns the bytes of whole batches that it gave. */
  async read(): Promise<number> {
    const { topic, topicId, partitions } = this.#reading;
    const request = {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      topics: [
        {
          topic,
          topicId,
          partitions: partitions.map((partition, at) => ({
            partition,
            fetchOffset: this.positions[at]!,
            partitionMaxBytes: PARTITION_BYTES,
          })),
        },
      ],
      forgottenTopicsData: [],
    };
    const response = okay(await this.#client.send(this.#endpoint, Fetch, request, { timeoutMs: TIMEOUT_MS }));
    expectNoError(response.errorCode);
    let sizeBytes = 0;
    for (const { partitionIndex, errorCode, records } of response.responses[0]?.partitions ?? []) {
      expectNoError(errorCode);
      const last = splitBatches(records?.[0] ?? EMPTY).batches.at(-1);
      if (last === undefined) continue;
      this.positions[partitions.indexOf(partitionIndex)] = last.nextOffset;
      sizeBytes += records![0]!.length;
    }
    return sizeBytes;
  }
}

const EMPTY = Buffer.alloc(0);

function groupByEndpoint(
  leaders: readonly { readonly partition: number; readonly endpoint: Endpoint }[],
): Map<Endpoint, number[]> {
  const groups = new Map<Endpoint, number[]>();
  for (const { partition, endpoint } of leaders) {
    const group = groups.get(endpoint);
    if (group === undefined) groups.set(endpoint, [partition]);
    else group.push(partition);
  }
  return groups;
}

/** A batch as a producer makes it of records of random capitals. */
function prepareBatch({ records, recordBytes, compression }: ProducePlan) {
  const count = Math.max(
    1,
    Math.min(records, Math.floor(BATCH_BYTES / (recordBytes + RECORD_OVERHEAD_BYTES))),
  );
  const timestamp = BigInt(Date.now());
  const inputs = Array.from({ length: count }, () => {
    const value = Buffer.from(Array.from({ length: recordBytes }, () => 65 + Math.floor(Math.random() * 26)));
    return { timestamp, key: null, value };
  });
  const { buffer } = buildBatch(
    inputs,
    compression === undefined ? {} : { compression: CompressionType.lz4 },
  );
  return { buffer, records: count };
}

export function okay<T>(response: T | Failure): T {
  if (failed(response)) throw new Error(response.message);
  return response as T;
}

export function expectNoError(code: number): void {
  if (code !== Errors.NONE) throw new Error(`The broker answered with error ${code}`);
}
