/*
 * npm run bench:codec [-- FILTER]: what decoding and encoding the messages of the hot paths cost, in nanoseconds and
 * in bytes of heap allocated per operation. The best of many short rounds: other work on the machine only makes it slower.
 */
import os from 'node:os';
import { Produce } from '../src/messages/00_produce.ts';
import { Fetch } from '../src/messages/01_fetch.ts';
import { Metadata } from '../src/messages/03_metadata.ts';
import { API_BY_KEY } from '../src/messages/apis.ts';
import { failed } from '../src/model/failure.ts';
import {
  decodeRequestBody,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../src/protocol/framing.ts';
import type { Api, Message, MessageInput } from '../src/protocol/schema.ts';
import type { Encoded } from '../src/protocol/writer.ts';

const WARM_UP_MS = 300;
const ROUND_MS = 2;
const ROUNDS = 300;
/** Little enough that nothing is collected while it is counted, and enough to be exact. */
const COUNTED_BYTES = 20_000_000;

const TOPIC_ID = 'bS2J-0vuTCq5cVdkq0Qh3A';
const BATCH = Buffer.alloc(1000, 7);
const CLIENT = { correlationId: 1234, clientId: 'producer-1' };

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function produceRequest(partitions: number): MessageInput<typeof Produce.request> {
  const partitionData = times(partitions, index => ({ index, records: [BATCH] }));
  return { acks: -1, timeoutMs: 30_000, topicData: [{ topicId: TOPIC_ID, partitionData }] };
}

function produceResponse(partitions: number): MessageInput<typeof Produce.response> {
  const partitionResponses = times(partitions, index => ({
    index,
    errorCode: 0,
    baseOffset: 123_456_789n,
    logStartOffset: 0n,
  }));
  return { responses: [{ topicId: TOPIC_ID, partitionResponses }] };
}

function fetchRequest(partitions: number): MessageInput<typeof Fetch.request> {
  const asked = times(partitions, partition => ({
    partition,
    currentLeaderEpoch: 3,
    fetchOffset: 123_456_789n,
    lastFetchedEpoch: -1,
    partitionMaxBytes: 1_048_576,
  }));
  const topics = partitions === 0 ? [] : [{ topicId: TOPIC_ID, partitions: asked }];
  const session = { sessionId: 987_654_321, sessionEpoch: 7 };
  return { maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800, ...session, topics, forgottenTopicsData: [] };
}

function fetchResponse(partitions: number): MessageInput<typeof Fetch.response> {
  const found = times(partitions, partitionIndex => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 123_456_789n,
    lastStableOffset: 123_456_789n,
    logStartOffset: 0n,
    abortedTransactions: null,
    records: [BATCH],
  }));
  return { sessionId: 987_654_321, responses: [{ topicId: TOPIC_ID, partitions: found }] };
}

function metadataResponse(partitions: number): MessageInput<typeof Metadata.response> {
  return {
    brokers: times(3, index => ({ nodeId: index + 1, host: `broker-${index}.example.com`, port: 9092 })),
    clusterId: TOPIC_ID,
    controllerId: 1,
    clusterAuthorizedOperations: -2147483648,
    topics: [
      {
        errorCode: 0,
        name: 'my-topic',
        topicId: TOPIC_ID,
        partitions: times(partitions, partitionIndex => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          leaderEpoch: 3,
          replicaNodes: [1, 2, 3],
          isrNodes: [1, 2, 3],
          offlineReplicas: [],
        })),
      },
    ],
  };
}

type Case = readonly [name: string, run: () => unknown];

/** What a broker does: decodes requests, encodes responses; and the other way what a follower and a tool do. */
function request<M extends Message>(
  name: string,
  api: Api<M>,
  version: number,
  body: MessageInput<M>,
): Case[] {
  const frame = frameOf(encodeRequest(api, version, CLIENT, body));
  const decodeWhole = () => {
    const header = decodeRequestHeader(frame, API_BY_KEY);
    if (failed(header)) throw new Error(header.message);
    return decodeRequestBody(header.api, header.version, header.body);
  };
  return [
    [`decode ${name}`, decodeWhole],
    [`encode ${name}`, () => encodeRequest(api, version, CLIENT, body)],
  ];
}

function response<M extends Message>(
  name: string,
  api: Api<Message, M>,
  version: number,
  body: MessageInput<M>,
): Case[] {
  const frame = frameOf(encodeResponse(api, version, 1234, body));
  return [
    [`encode ${name}`, () => encodeResponse(api, version, 1234, body)],
    [`decode ${name}`, () => decodeResponse(api, version, frame)],
  ];
}

function frameOf({ chunks }: Encoded): Buffer {
  return Buffer.concat(chunks).subarray(4);
}

const produceFrame = frameOf(encodeRequest(Produce, 13, CLIENT, produceRequest(1)));

const cases: readonly Case[] = [
  ['decode the header of a request', () => decodeRequestHeader(produceFrame, API_BY_KEY)],
  ...request('Produce 13 request, 1 partition', Produce, 13, produceRequest(1)),
  ...request('Produce 13 request, 6 partitions', Produce, 13, produceRequest(6)),
  ...response('Produce 13 response, 1 partition', Produce, 13, produceResponse(1)),
  ...response('Produce 13 response, 6 partitions', Produce, 13, produceResponse(6)),
  ...request('Fetch 17 request, session, 0 partitions', Fetch, 17, fetchRequest(0)),
  ...request('Fetch 17 request, 6 partitions', Fetch, 17, fetchRequest(6)),
  ...request('Fetch 17 request, 100 partitions', Fetch, 17, fetchRequest(100)),
  ...response('Fetch 17 response, 6 partitions', Fetch, 17, fetchResponse(6)),
  ...response('Metadata 12 response, 100 partitions', Metadata, 12, metadataResponse(100)),
];

/** Keeps the results alive until the next, so that no run is optimized away. */
let kept: unknown;

function runFor(milliseconds: number, run: () => unknown, runsAtOnce: number): number {
  const start = performance.now();
  let runs = 0;
  let elapsed: number;
  do {
    for (let count = 0; count < runsAtOnce; count++) kept = run();
    runs += runsAtOnce;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return (elapsed * 1e6) / runs;
}

function heapTaken(runs: number, run: () => unknown): number {
  if (globalThis.gc === undefined) {
    throw new Error('run it by `npm run bench:codec`, which exposes the collector');
  }
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < runs; count++) kept = run();
  return (process.memoryUsage().heapUsed - before) / runs;
}

/** Heap that a run takes; the bytes of buffers are beside it. The middle of several, in case garbage was collected. */
function allocatedBytes(run: () => unknown): number {
  const runs = Math.ceil(COUNTED_BYTES / heapTaken(100, run));
  return times(9, () => heapTaken(runs, run)).sort((left, right) => left - right)[4]!;
}

const filter = process.argv[2] ?? '';
const cpu = os.cpus()[0]?.model.trim() ?? 'unknown CPU';
console.log(`Node ${process.version}, ${cpu}, ${os.platform()} ${os.arch()}`);
for (const [name, run] of cases.filter(([each]) => each.includes(filter))) {
  runFor(WARM_UP_MS, run, 100);
  const best = Math.min(...times(ROUNDS, () => runFor(ROUND_MS, run, 100)));
  console.log(
    `${name.padEnd(48)} ${best.toFixed(0).padStart(7)} ns ${allocatedBytes(run).toFixed(0).padStart(8)} bytes`,
  );
}
if (kept === undefined) console.log('nothing was measured');
