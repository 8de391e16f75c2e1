import { Produce } from '../../../src/messages/00_produce.ts';
import { Fetch } from '../../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../../src/messages/02_list_offsets.ts';
import { DeleteRecords } from '../../../src/messages/21_delete_records.ts';
import { InitProducerId } from '../../../src/messages/22_init_producer_id.ts';
import { OffsetForLeaderEpoch } from '../../../src/messages/23_offset_for_leader_epoch.ts';
import { DescribeProducers } from '../../../src/messages/61_describe_producers.ts';
import { asProducerEpoch, asProducerId } from '../../../src/model/ids.ts';
import { ZERO_UUID } from '../../../src/model/uuid.ts';
import type { MessageInput } from '../../../src/protocol/schema.ts';
import { buildBatch } from '../../../src/records/build_batch.ts';
import { ask, type Question } from './question.ts';

const UNKNOWN_ID = 'BBBBBBBBBBBBBBBBBBBBBA';
const FIRST_MS = 1_700_000_000_000n;

const batch = (count: number, valueBytes = 10) =>
  buildBatch(
    Array.from({ length: count }, (_, index) => ({
      timestamp: FIRST_MS + BigInt(index) * 1000n,
      key: null,
      value: Buffer.alloc(valueBytes),
    })),
  );
/** A batch of an idempotent producer. */
const sequenced = (producerId: bigint, epoch: number, baseSequence: number, count = 1) =>
  buildBatch(
    Array.from({ length: count }, () => ({ timestamp: FIRST_MS, key: null, value: Buffer.from('v') })),
    { producerId: asProducerId(producerId), producerEpoch: asProducerEpoch(epoch), baseSequence },
  );
const TOO_LARGE = batch(1, 1_100_000).buffer;
const DAMAGED = changed(30, 0xff);
const OLD_FORMAT = changed(16, 1);

function changed(position: number, byte: number): Buffer {
  const buffer = Buffer.from(batch(1).buffer);
  buffer[position] = byte;
  return buffer;
}

const produce = (records: Buffer[], more: { acks?: number } = {}, version = 11, name = 'data', index = 0) =>
  ask(Produce, version, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name, topicId: ZERO_UUID, partitionData: [{ index, records }] }],
    ...more,
  });
const listOffsets = (
  timestamp: bigint,
  more: { partitionIndex?: number; currentLeaderEpoch?: number } = {},
  version = 10,
) =>
  ask(ListOffsets, version, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, timestamp, ...more }] }],
    timeoutMs: 1000,
  });

type FetchInput = MessageInput<(typeof Fetch)['request']>;
type FetchedPartition = FetchInput['topics'][number]['partitions'][number];

const fetch = (
  partition: Partial<FetchedPartition>,
  more: Partial<FetchInput> = {},
  version = 12,
  topic = 'data',
) =>
  ask(Fetch, version, {
    maxWaitMs: 10,
    minBytes: 1,
    maxBytes: 1_000_000,
    sessionEpoch: -1,
    forgottenTopicsData: [],
    topics: [
      {
        topic,
        partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000, ...partition }],
      },
    ],
    ...more,
  });

export const recordsQuestions: Readonly<Record<string, Question>> = {
  produce: produce([batch(5).buffer]),
  'produce unknown topic': produce([batch(1).buffer], {}, 11, 'nope'),
  'produce unknown partition': produce([batch(1).buffer], {}, 11, 'data', 9),
  'produce too large': produce([TOO_LARGE]),
  'produce crc': produce([DAMAGED]),
  'produce magic 1': produce([OLD_FORMAT]),
  'produce empty': produce([]),
  'produce two batches': produce([Buffer.concat([batch(1).buffer, batch(1).buffer])]),
  'produce truncated': produce([batch(1).buffer.subarray(0, 60)]),
  'produce acks 5': produce([batch(1).buffer], { acks: 5 }),
  'produce acks 1': produce([batch(1).buffer], { acks: 1 }),
  'produce v3': produce([batch(1).buffer], {}, 3),
  'produce v7': produce([batch(1).buffer], {}, 7),
  'produce compacted no key': produce([batch(1).buffer], {}, 11, 'compacted'),
  'produce append time': produce([batch(1).buffer], {}, 11, 'noacc'),
  'produce v13 unknown id': ask(Produce, 13, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ topicId: UNKNOWN_ID, partitionData: [{ index: 0, records: [batch(1).buffer] }] }],
  }),
  'produce idem first': produce([sequenced(5000n, 0, 0, 3).buffer], {}, 11, 'other'),
  'produce idem dup': produce([sequenced(5000n, 0, 0, 3).buffer], {}, 11, 'other'),
  'produce idem gap': produce([sequenced(5000n, 0, 7, 1).buffer], {}, 11, 'other'),
  'produce idem next': produce([sequenced(5000n, 0, 3, 1).buffer], {}, 11, 'other'),
  'produce idem old dup partial': produce([sequenced(5000n, 0, 1, 1).buffer], {}, 11, 'other'),
  'produce idem old epoch': produce([sequenced(5000n, 2, 0, 1).buffer], {}, 11, 'other'),
  'produce idem stale epoch': produce([sequenced(5000n, 1, 0, 1).buffer], {}, 11, 'other'),
  'produce idem unknown nonzero seq': produce([sequenced(6000n, 0, 4, 1).buffer], {}, 11, 'other'),
  'produce idem new epoch nonzero': produce([sequenced(5000n, 3, 4, 1).buffer], {}, 11, 'other'),
  'lo latest': listOffsets(-1n),
  'lo earliest': listOffsets(-2n),
  'lo max': listOffsets(-3n),
  'lo local': listOffsets(-4n),
  'lo tiered': listOffsets(-5n),
  'lo pending': listOffsets(-6n, {}, 11),
  'lo -7': listOffsets(-7n),
  'lo -100': listOffsets(-100n),
  'lo time before': listOffsets(1n),
  'lo time mid': listOffsets(1700000002000n),
  'lo time mid2': listOffsets(1700000001500n),
  'lo time after': listOffsets(1800000000000n),
  'lo latest v1': listOffsets(-1n, {}, 1),
  'lo max v6': listOffsets(-3n, {}, 6),
  'lo local v7': listOffsets(-4n, {}, 7),
  'lo tiered v8': listOffsets(-5n, {}, 8),
  'lo max v1': listOffsets(-3n, {}, 1),
  'lo pending v10': listOffsets(-6n, {}, 10),
  'lo epoch future': listOffsets(-1n, { currentLeaderEpoch: 99 }),
  'lo epoch 0': listOffsets(-1n, { currentLeaderEpoch: 0 }),
  'lo unknown part': listOffsets(-1n, { partitionIndex: 77 }),
  'lo dup part': ask(ListOffsets, 8, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: 'data',
        partitions: [
          { partitionIndex: 0, timestamp: -1n },
          { partitionIndex: 0, timestamp: -2n },
        ],
      },
    ],
  }),
  'lo unknown topic': ask(ListOffsets, 8, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 'nope', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
  }),
  'lo empty part max': listOffsets(-3n, { partitionIndex: 1 }),
  'lo empty part time': listOffsets(5n, { partitionIndex: 1 }),
  'lo empty latest': listOffsets(-1n, { partitionIndex: 1 }),
  'lo read committed': ask(ListOffsets, 8, {
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
  }),
  'lo debug replica': ask(ListOffsets, 8, {
    replicaId: -2,
    isolationLevel: 0,
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
  }),
  'lo follower 7': ask(ListOffsets, 8, {
    replicaId: 7,
    isolationLevel: 0,
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
  }),
  'epoch 0': ask(OffsetForLeaderEpoch, 4, {
    replicaId: -1,
    topics: [{ topic: 'data', partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
  }),
  'epoch 5': ask(OffsetForLeaderEpoch, 4, {
    replicaId: -1,
    topics: [
      {
        topic: 'data',
        partitions: [
          { partition: 0, currentLeaderEpoch: -1, leaderEpoch: 5 },
          { partition: 9, currentLeaderEpoch: -1, leaderEpoch: 0 },
          { partition: 1, currentLeaderEpoch: 8, leaderEpoch: 0 },
          { partition: 1, currentLeaderEpoch: 0, leaderEpoch: 0 },
        ],
      },
      { topic: 'nope', partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 5 }] },
    ],
  }),
  'fetch 0': fetch({}),
  'fetch 3': fetch({ fetchOffset: 3n }),
  'fetch end+1': fetch({ fetchOffset: 100n }),
  'fetch -1': fetch({ fetchOffset: -1n }),
  'fetch epoch 9': fetch({ currentLeaderEpoch: 9 }),
  'fetch unknown': fetch({}, {}, 12, 'nope'),
  'fetch part': fetch({ partition: 9 }),
  'fetch session bad': fetch({}, { sessionId: 77, sessionEpoch: 3 }),
  'fetch v4': fetch({}, {}, 4),
  'fetch v13 unknown id': fetch({}, {}, 13),
  'fetch max 1': fetch({ partitionMaxBytes: 1 }, { maxBytes: 1 }),
  'fetch lastFetchedEpoch 7': fetch({ fetchOffset: 3n, lastFetchedEpoch: 7, currentLeaderEpoch: 0 }),
  'dr 2': ask(DeleteRecords, 2, {
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, offset: 2n }] }],
    timeoutMs: 5000,
  }),
  'dr lower': ask(DeleteRecords, 2, {
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, offset: 1n }] }],
    timeoutMs: 5000,
  }),
  'dr beyond': ask(DeleteRecords, 2, {
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, offset: 1000n }] }],
    timeoutMs: 5000,
  }),
  'dr -2': ask(DeleteRecords, 2, {
    topics: [{ name: 'data', partitions: [{ partitionIndex: 0, offset: -2n }] }],
    timeoutMs: 5000,
  }),
  'dr unknown': ask(DeleteRecords, 2, {
    topics: [
      { name: 'nope', partitions: [{ partitionIndex: 0, offset: 1n }] },
      { name: 'data', partitions: [{ partitionIndex: 9, offset: 1n }] },
    ],
    timeoutMs: 5000,
  }),
  'dr compacted': ask(DeleteRecords, 2, {
    topics: [{ name: 'compacted', partitions: [{ partitionIndex: 0, offset: 0n }] }],
    timeoutMs: 5000,
  }),
  'dr internal': ask(DeleteRecords, 2, {
    topics: [{ name: '__consumer_offsets', partitions: [{ partitionIndex: 0, offset: 0n }] }],
    timeoutMs: 5000,
  }),
  'lo after dr': listOffsets(-2n),
  'fetch below start': fetch({ fetchOffset: 0n }),
  'lo local after dr': listOffsets(-4n),
  'lo time before start': listOffsets(1n),
  dp: ask(DescribeProducers, 0, {
    topics: [
      { name: 'other', partitionIndexes: [0, 1, 9] },
      { name: 'nope', partitionIndexes: [0] },
      { name: 'a b', partitionIndexes: [0] },
      { name: 'data', partitionIndexes: [0] },
    ],
  }),
  'ipi with id': ask(InitProducerId, 5, {
    transactionalId: null,
    transactionTimeoutMs: 1000,
    producerId: 5n,
    producerEpoch: 3,
  }),
  'ipi half': ask(InitProducerId, 5, {
    transactionalId: null,
    transactionTimeoutMs: 1000,
    producerId: 5n,
    producerEpoch: -1,
  }),
  'ipi empty tid': ask(InitProducerId, 5, { transactionalId: '', transactionTimeoutMs: 1000 }),
  'ipi v0': ask(InitProducerId, 0, { transactionalId: null, transactionTimeoutMs: 1000 }),
};
