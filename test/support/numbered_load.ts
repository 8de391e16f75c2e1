import assert from 'node:assert/strict';
import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../src/messages/02_list_offsets.ts';
import { Metadata } from '../../src/messages/03_metadata.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import type { Send } from './node_process.ts';

export interface TestTopic {
  readonly name: string;
  readonly id: string;
}

export async function createTopic(
  send: Send,
  name: string,
  { partitions = 1, configs = {} }: { partitions?: number; configs?: Readonly<Record<string, string>> } = {},
): Promise<TestTopic> {
  const { topics } = await send(CreateTopics, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 10_000,
  });
  assert.equal(topics[0]!.errorCode, Errors.NONE, topics[0]!.errorMessage ?? '');
  return { name, id: topics[0]!.topicId };
}

export async function topicNamed(send: Send, name: string): Promise<TestTopic> {
  const { topics } = await send(Metadata, {
    topics: [{ topicId: ZERO_UUID, name }],
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  assert.equal(topics[0]!.errorCode, Errors.NONE);
  return { name, id: topics[0]!.topicId };
}

/** Produces one record with acks=all. @returns Kafka's error code, and its text */
export async function produce(
  send: Send,
  topic: TestTopic,
  value: string | Buffer,
  { partition = 0 }: { partition?: number } = {},
): Promise<{ errorCode: number; errorMessage: string | null; baseOffset: bigint }> {
  const batch = buildBatch([{ timestamp: BigInt(Date.now()), key: null, value: Buffer.from(value) }]);
  const { responses } = await send(Produce, {
    acks: -1,
    timeoutMs: 30_000,
    topicData: [
      { name: topic.name, topicId: topic.id, partitionData: [{ index: partition, records: [batch.buffer] }] },
    ],
  });
  return responses[0]!.partitionResponses[0]!;
}

/** Where the partition ends. A leader that has just begun may have to ask for patience, as clients have. */
async function endOffset(send: Send, topic: TestTopic, partition: number): Promise<bigint> {
  for (;;) {
    const { topics } = await send(ListOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, timestamp: -1n }] }],
    });
    const { errorCode, offset } = topics[0]!.partitions[0]!;
    if (errorCode === Errors.NONE) return offset;
    assert.equal(errorCode, Errors.OFFSET_NOT_AVAILABLE);
  }
}

/** The values of all records of a partition, in their order. */
export async function readAll(send: Send, topic: TestTopic, partition = 0): Promise<string[]> {
  const values: string[] = [];
  const end = await endOffset(send, topic, partition);
  for (let offset = 0n; offset < end; ) {
    const { errorCode, responses } = await send(Fetch, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 10_000_000,
      sessionId: 0,
      sessionEpoch: -1,
      forgottenTopicsData: [],
      topics: [
        {
          topic: topic.name,
          topicId: topic.id,
          partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 10_000_000 }],
        },
      ],
    });
    assert.equal(errorCode, Errors.NONE);
    const found = responses[0]!.partitions[0]!;
    assert.equal(found.errorCode, Errors.NONE);
    const { batches } = splitBatches(Buffer.concat([...(found.records ?? [])]));
    for (const batch of batches) {
      const records = readRecords(batch, 10_000_000);
      if (failed(records)) assert.fail(records.message);
      for (const record of records) {
        assert.equal(record.offset, BigInt(values.length), 'offsets follow one another');
        values.push(record.value!.toString());
      }
      offset = batch.nextOffset;
    }
  }
  return values;
}

/**
 * Produces the numbers from 0 on to each partition, many at a time, until {@link stop} or the end of the connection;
 * keeps which were acknowledged.
 */
export class NumberedLoad {
  /** By partition. */
  readonly acknowledged: number[][];
  readonly #workers: Promise<void>[];
  #isStopped = false;

  constructor(send: Send, topic: TestTopic, { partitions = 3, inFlight = 8 } = {}) {
    this.acknowledged = Array.from({ length: partitions }, () => []);
    this.#workers = this.acknowledged.flatMap((acknowledged, partition) => {
      let next = 0;
      const work = async (): Promise<void> => {
        while (!this.#isStopped) {
          const value = next++;
          const { errorCode } = await produce(send, topic, String(value), { partition });
          if (errorCode !== Errors.NONE) return;
          acknowledged.push(value);
        }
      };
      return Array.from({ length: inFlight }, () => work().catch(() => {}));
    });
  }

  get count(): number {
    return this.acknowledged.reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }

  /** Everything that was acknowledged is there, and what is there was sent, each once. */
  async assertKept(send: Send, topic: TestTopic): Promise<void> {
    for (const [partition, acknowledged] of this.acknowledged.entries()) {
      const found = await readAll(send, topic, partition);
      const there = new Set(found.map(Number));
      assert.equal(there.size, found.length, `partition ${partition}: a value is there twice`);
      assert.deepEqual(
        acknowledged.filter(value => !there.has(value)),
        [],
        `partition ${partition}: what was acknowledged is lost`,
      );
    }
  }
}
