import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterClient } from '../../src/client/cluster_client.ts';
import { Consumer } from '../../src/client/consumer/consumer.ts';
import { type Delivered, DeliveryFailure } from '../../src/client/producer/delivery.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import type { ProducerOptions } from '../../src/client/producer/producer_options.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { SingleNode } from '../support/single_node.ts';

interface TopicOptions {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

async function createTopic(
  node: SingleNode,
  name: string,
  { configs = {}, partitions = 1 }: TopicOptions = {},
): Promise<void> {
  const { topics } = await node.send(CreateTopics, 7, {
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
    validateOnly: false,
  });
  assert.equal(topics[0]!.errorCode, 0, topics[0]!.errorMessage ?? '');
}

async function start(topic: TopicOptions = {}): Promise<{ node: SingleNode; client: ClusterClient }> {
  const node = await SingleNode.start();
  await createTopic(node, 'events', topic);
  return { node, client: node.openClient() };
}

const PARTITION = asPartitionIndex(0);
const record = (value: string) => ({
  topic: 'events',
  partition: PARTITION,
  key: null,
  value: Buffer.from(value),
});

function delivered(outcome: Delivered | DeliveryFailure): Delivered {
  assert.ok(!failed(outcome), String(outcome));
  return outcome;
}

function undelivered(outcome: Delivered | DeliveryFailure): DeliveryFailure {
  assert.ok(outcome instanceof DeliveryFailure, 'it was delivered');
  return outcome;
}

async function readAll(node: SingleNode, client: ClusterClient, partition = PARTITION): Promise<string[]> {
  const consumer = new Consumer(client, { offsetReset: 'earliest' });
  consumer.assign([{ topic: 'events', partition }]);
  const values: string[] = [];
  for (;;) {
    const records = await node.time.run(consumer.poll({ timeoutMs: 5_000 }));
    if (failed(records)) assert.fail(records.toString());
    if (records.length === 0) break;
    for (const { value } of records) values.push(value!.toString());
  }
  consumer.close();
  return values;
}

const VARIANTS: readonly [string, Partial<ProducerOptions>][] = [
  ['idempotent', {}],
  ['acks 1', { acks: 1 }],
  ['acks 0', { acks: 0 }],
  ['not idempotent, one in flight', { isIdempotent: false, maxInFlightRequests: 1 }],
  ['gzip', { compression: CompressionType.gzip }],
  ['snappy', { compression: CompressionType.snappy }],
  ['lz4', { compression: CompressionType.lz4 }],
  ['zstd', { compression: CompressionType.zstd, compressionLevel: 1 }],
  ['no linger, small batches', { lingerMs: 0, batchSizeBytes: 200 }],
];

for (const [name, options] of VARIANTS) {
  test(`what is sent is there, in order, each with its offset: ${name}`, async () => {
    const { client, node } = await start();
    const producer = new Producer(client, options);
    const values = Array.from({ length: 500 }, (_, index) => `value ${index}`);
    const outcomes = await node.time.run(Promise.all(values.map(value => producer.send(record(value)))));
    const offsets = outcomes.map(outcome => delivered(outcome).offset);
    assert.deepEqual(
      offsets,
      values.map((_, index) => (options.acks === 0 ? -1n : BigInt(index))),
    );
    assert.equal(producer.bufferedBytes, 0);
    await node.time.run(producer.close());
    assert.deepEqual(await readAll(node, client), values);
  });
}

test('a node that dies and comes back gets what was not acknowledged again, and has it once', async () => {
  const { client, node } = await start({ partitions: 3 });
  const producer = new Producer(client, { batchSizeBytes: 300, lingerMs: 1 });
  const outcomes: Promise<Delivered | DeliveryFailure>[] = [];
  const expected = new Map<number, string[]>([0, 1, 2].map(partition => [partition, []]));
  const send = (from: number, count: number) => {
    for (let index = from; index < from + count; index++) {
      const partition = asPartitionIndex(index % 3);
      expected.get(partition)!.push(`value ${index}`);
      outcomes.push(producer.send({ ...record(`value ${index}`), partition }));
    }
  };
  for (let round = 0; round < 5; round++) {
    send(round * 300, 150);
    await node.time.advance(2 + round);
    await node.restart();
    send(round * 300 + 150, 150);
    await node.time.advance(20);
  }
  for (const outcome of await node.time.run(Promise.all(outcomes))) delivered(outcome);
  for (const [partition, values] of expected) {
    assert.deepEqual(await readAll(node, client, asPartitionIndex(partition)), values);
  }
});

test('headers, keys, tombstones and timestamps come back as they were sent', async () => {
  const { client, node } = await start();
  const producer = new Producer(client);
  const sent = {
    topic: 'events',
    partition: PARTITION,
    key: Buffer.from('key'),
    value: null,
    headers: [
      { key: 'a', value: Buffer.from([0, 255]) },
      { key: 'a', value: null },
    ],
    timestamp: 1_234_567_890_123n,
  };
  assert.equal(delivered(await node.time.run(producer.send(sent))).timestamp, sent.timestamp);
  const consumer = new Consumer(client, { offsetReset: 'earliest' });
  consumer.assign([{ topic: 'events', partition: PARTITION }]);
  const records = await node.time.run(consumer.poll({ timeoutMs: 5_000 }));
  assert.ok(!failed(records));
  const { key, value, headers, timestamp } = records[0]!;
  assert.deepEqual({ key, value, headers, timestamp }, { ...subset(sent) });
});

function subset({ headers, key, timestamp, value }: Record<string, unknown>) {
  return { key, value, headers, timestamp };
}

test('a batch that the topic finds too large is sent in parts; a record that is, fails for certain', async () => {
  const { client, node } = await start({ configs: { 'max.message.bytes': '1000' } });
  const producer = new Producer(client, { batchSizeBytes: 16_384 });
  const values = Array.from({ length: 60 }, (_, index) => `${index} `.padEnd(100, '.'));
  const small = values.map(value => producer.send(record(value)));
  const huge = producer.send(record('x'.repeat(2_000)));
  const after = producer.send(record('after'));
  const failure = undelivered(await node.time.run(huge));
  assert.equal(failure.code, Errors.MESSAGE_TOO_LARGE);
  assert.equal(failure.mayBeWritten, false);
  for (const outcome of await node.time.run(Promise.all([...small, after]))) delivered(outcome);
  assert.deepEqual(await readAll(node, client), [...values, 'after']);
  assert.equal(producer.bufferedBytes, 0);
});

test('what never leaves the producer fails for certain, and says why', async () => {
  const { client, node } = await start();
  const producer = new Producer(client, { maxBlockMs: 1_000, maxRequestSizeBytes: 10_000 });
  const cases: readonly [Parameters<Producer['send']>[0], number, RegExp][] = [
    [record('x'.repeat(20_000)), Errors.MESSAGE_TOO_LARGE, /max\.request\.size/],
    [{ ...record('x'), topic: 'absent' }, Errors.UNKNOWN_TOPIC_OR_PARTITION, /absent/],
    [{ ...record('x'), topic: 'not legal' }, Errors.INVALID_TOPIC_EXCEPTION, /not legal/],
    [{ ...record('x'), partition: asPartitionIndex(7) }, Errors.UNKNOWN_TOPIC_OR_PARTITION, /events-7/],
  ];
  for (const [sent, code, text] of cases) {
    const failure = undelivered(await node.time.run(producer.send(sent)));
    assert.equal(failure.code, code, failure.toString());
    assert.match(failure.message, text);
    assert.equal(failure.mayBeWritten, false);
  }
  await node.time.run(producer.close());
  const late = undelivered(await node.time.run(producer.send(record('late'))));
  assert.match(late.message, /closed/);
});

test('a record whose answer is lost may be written; one that nobody could take was not', async () => {
  const { client, node } = await start();
  const timeouts = { requestTimeoutMs: 1_000, connectTimeoutMs: 500 };
  const patient = node.openClient({ timeouts });
  const producer = new Producer(patient, { deliveryTimeoutMs: 3_000 });
  delivered(await node.time.run(producer.send(record('first'))));
  node.cutOff('answers');
  const lost = producer.send(record('second'));
  await node.time.advance(10);
  node.cutOff('everything');
  const failure = undelivered(await node.time.run(lost));
  assert.equal(failure.mayBeWritten, true, failure.toString());
  const never = undelivered(await node.time.run(producer.send(record('third'))));
  assert.equal(never.mayBeWritten, false);
  node.cutOff('nothing');
  // The sequences have a hole where the lost records were; the producer goes on under another id.
  delivered(await node.time.run(producer.send(record('fourth'))));
  assert.deepEqual(await readAll(node, client), ['first', 'second', 'fourth']);
});

test('records wait for memory, and fail when there is none in time', async () => {
  const { client, node } = await start();
  const producer = new Producer(client, { bufferMemoryBytes: 5_000, maxBlockMs: 2_000 });
  const values = Array.from({ length: 100 }, (_, index) => `${index} `.padEnd(400, '.'));
  const outcomes = values.map(value => producer.send(record(value)));
  assert.ok(producer.bufferedBytes <= 5_000);
  for (const outcome of await node.time.run(Promise.all(outcomes))) delivered(outcome);
  assert.deepEqual(await readAll(node, client), values);
  node.cutOff('everything');
  const stuck = values.map(value => producer.send(record(value)));
  const last = undelivered(await node.time.run(stuck.at(-1)!));
  assert.match(last.message, /buffer\.memory/);
  assert.equal(last.mayBeWritten, false);
  node.cutOff('nothing');
  delivered(await node.time.run(stuck[0]!));
  await node.time.run(producer.close());
  assert.equal(producer.bufferedBytes, 0);
});

test('closing in a hurry fails what is not acknowledged', async () => {
  const { client, node } = await start();
  const producer = new Producer(client);
  delivered(await node.time.run(producer.send(record('first'))));
  node.cutOff('everything');
  const stuck = Array.from({ length: 10 }, () => producer.send(record('stuck')));
  await node.time.run(producer.close(500));
  for (const outcome of await node.time.run(Promise.all(stuck))) undelivered(outcome);
  assert.equal(producer.bufferedBytes, 0);
});

test('a producer of a client that is closed ends by itself', async () => {
  const { client, node } = await start();
  const producer = new Producer(client);
  delivered(await node.time.run(producer.send(record('first'))));
  node.kill();
  const stuck = producer.send(record('stuck'));
  await node.time.advance(50);
  client.close();
  undelivered(await node.time.run(stuck));
  await node.time.advance(10_000);
  assert.equal(node.time.pendingCount, 0, 'nothing goes on');
});
