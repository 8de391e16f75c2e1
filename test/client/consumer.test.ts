import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterClient } from '../../src/client/cluster_client.ts';
import type { StartPosition } from '../../src/client/consumer/assigned_partition.ts';
import { type ConsumedRecord, Consumer } from '../../src/client/consumer/consumer.ts';
import type { ConsumerOptions } from '../../src/client/consumer/consumer_options.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DeleteRecords } from '../../src/messages/21_delete_records.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asOffset, asPartitionIndex } from '../../src/model/ids.ts';
import { SingleNode } from '../support/single_node.ts';

const TARGET = { topic: 'events', partition: asPartitionIndex(0) };

/** A node with a topic that has so many records, of times 1000, 1010… */
async function start(
  count: number,
): Promise<{ node: SingleNode; client: ClusterClient; producer: Producer }> {
  const node = await SingleNode.start();
  await node.send(CreateTopics, 7, {
    topics: [
      {
        name: 'events',
        numPartitions: 2,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'message.timestamp.before.max.ms', value: '9223372036854775807' }],
      },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  });
  const client = node.openClient();
  const producer = new Producer(client, { batchSizeBytes: 500 });
  await produce({ node, producer }, 0, count);
  return { node, client, producer };
}

async function produce(
  { node, producer }: { node: SingleNode; producer: Producer },
  from: number,
  count: number,
): Promise<void> {
  const outcomes = Array.from({ length: count }, (_, index) =>
    producer.send({
      ...TARGET,
      key: null,
      value: Buffer.from(`value ${from + index}`),
      timestamp: BigInt(1_000 + 10 * (from + index)),
    }),
  );
  for (const outcome of await node.time.run(Promise.all(outcomes))) assert.ok(!failed(outcome));
}

function consume(
  client: ClusterClient,
  from: StartPosition,
  options: Partial<ConsumerOptions> = {},
): Consumer {
  const consumer = new Consumer(client, options);
  consumer.assign([{ ...TARGET, start: from }]);
  return consumer;
}

async function poll(node: SingleNode, consumer: Consumer, timeoutMs = 3_000): Promise<ConsumedRecord[]> {
  const records = await node.time.run(consumer.poll({ timeoutMs, maxRecords: 20 }));
  if (failed(records)) assert.fail(records.toString());
  return records;
}

async function pollFailure(node: SingleNode, consumer: Consumer): Promise<Failure> {
  const records = await node.time.run(consumer.poll({ timeoutMs: 3_000 }));
  assert.ok(records instanceof Failure, 'there are records');
  return records;
}

const STARTS: readonly [string, StartPosition, bigint][] = [
  ['the earliest', 'earliest', 0n],
  ['an offset', { offset: asOffset(37n) }, 37n],
  ['a time that a record has', { timestamp: 1_200n }, 20n],
  ['a time between two records', { timestamp: 1_201n }, 21n],
];

for (const [name, from, expected] of STARTS) {
  test(`begins at ${name}, and goes through to the end`, async () => {
    const { client, node } = await start(100);
    const consumer = consume(client, from);
    const offsets: bigint[] = [];
    while (offsets.at(-1) !== 99n) {
      for (const { offset, topic, value } of await poll(node, consumer)) {
        assert.equal(value!.toString(), `value ${offset}`);
        assert.equal(topic, 'events');
        offsets.push(offset);
      }
    }
    const count = 100 - Number(expected);
    assert.deepEqual(
      offsets,
      Array.from({ length: count }, (_, index) => expected + BigInt(index)),
    );
    assert.equal(consumer.position(TARGET), 100n);
    assert.equal(consumer.endOffset(TARGET), 100n);
  });
}

for (const from of ['latest', { timestamp: 99_999n }] as const) {
  test(`begins behind what is there: ${JSON.stringify(from, (_, value) => String(value))}`, async () => {
    const { client, node, producer } = await start(10);
    const consumer = consume(client, from);
    assert.deepEqual(await poll(node, consumer), []);
    const next = consumer.poll({ timeoutMs: 60_000 });
    await produce({ node, producer }, 10, 1);
    const records = await node.time.run(next);
    assert.ok(!failed(records));
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [10n],
    );
  });
}

test('a position that the log does not hold is set anew, or told', async () => {
  const { client, node } = await start(100);
  await node.send(DeleteRecords, 2, {
    topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: 50n }] }],
    timeoutMs: 5_000,
  });
  const earliest = consume(client, { offset: asOffset(3n) }, { offsetReset: 'earliest' });
  assert.equal((await poll(node, earliest))[0]!.offset, 50n);
  const latest = consume(client, { offset: asOffset(3n) }, { offsetReset: 'latest' });
  assert.deepEqual(await poll(node, latest), []);
  assert.equal(latest.position(TARGET), 100n);
  for (const offset of [3n, 1_000n]) {
    const strict = consume(client, { offset: asOffset(offset) }, { offsetReset: 'none' });
    const failure = await pollFailure(node, strict);
    assert.equal(failure.code, Errors.OFFSET_OUT_OF_RANGE);
    strict.seek(TARGET, { offset: asOffset(60n) });
    assert.equal((await poll(node, strict))[0]!.offset, 60n);
  }
});

test('a seek drops what was fetched for the place before', async () => {
  const { client, node } = await start(100);
  const consumer = consume(client, 'earliest');
  assert.equal((await poll(node, consumer))[0]!.offset, 0n);
  consumer.seek(TARGET, { offset: asOffset(90n) });
  assert.equal((await poll(node, consumer))[0]!.offset, 90n);
  // While a fetch is on its way.
  const waiting = consumer.poll({ timeoutMs: 5_000 });
  consumer.seek(TARGET, 'earliest');
  const records = await node.time.run(waiting);
  assert.ok(!failed(records));
  assert.equal(records[0]!.offset, 0n);
});

test('nothing of a partition that is paused is given out', async () => {
  const { client, node } = await start(100);
  const consumer = consume(client, 'earliest');
  assert.equal((await poll(node, consumer)).length, 20);
  consumer.pause(TARGET);
  assert.deepEqual(await poll(node, consumer), []);
  consumer.resume(TARGET);
  assert.equal((await poll(node, consumer))[0]!.offset, 20n);
});

test('reads on through a restart of the node', async () => {
  const { client, node } = await start(100);
  const consumer = consume(client, 'earliest', { maxPartitionFetchBytes: 600 });
  const offsets: bigint[] = [];
  for (let round = 0; offsets.length < 100; round++) {
    if (round % 2 === 1) await node.restart();
    for (const { offset } of await poll(node, consumer, 30_000)) offsets.push(offset);
  }
  assert.deepEqual(
    offsets,
    Array.from({ length: 100 }, (_, index) => BigInt(index)),
  );
});

test('what stays assigned goes on where it was', async () => {
  const { client, node } = await start(100);
  const consumer = consume(client, 'earliest');
  await poll(node, consumer);
  consumer.assign([TARGET, { ...TARGET, partition: asPartitionIndex(1) }]);
  assert.equal((await poll(node, consumer))[0]!.offset, 20n);
  consumer.assign([]);
  assert.deepEqual(await poll(node, consumer), []);
  assert.deepEqual(consumer.assignment, []);
});

test('a poll that waits ends when it is woken, and when the consumer is closed', async () => {
  const { client, node } = await start(0);
  const consumer = consume(client, 'latest');
  for (const end of [() => consumer.wake(), () => consumer.close()]) {
    const waiting = consumer.poll({ timeoutMs: 1_000_000 });
    await node.time.advance(2_000);
    end();
    assert.deepEqual(await node.time.run(waiting, { limitMs: 10 }), []);
  }
});

test('a topic that is not there is waited for', async () => {
  const { client, node } = await start(0);
  const consumer = new Consumer(client, { offsetReset: 'earliest' });
  consumer.assign([{ topic: 'later', partition: asPartitionIndex(0) }]);
  assert.deepEqual(await poll(node, consumer), []);
  await node.send(CreateTopics, 7, {
    topics: [{ name: 'later', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  });
  const producer = new Producer(client);
  const sent = producer.send({ topic: 'later', key: null, value: Buffer.from('at last') });
  assert.ok(!failed(await node.time.run(sent)));
  assert.equal((await poll(node, consumer))[0]!.value!.toString(), 'at last');
});
