import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterClient } from '../../src/client/cluster_client.ts';
import { cooperativeStickyAssignor } from '../../src/client/group/cooperative_sticky_assignor.ts';
import { GroupConsumer } from '../../src/client/group/group_consumer.ts';
import { fetchOffsets } from '../../src/client/group/group_offsets.ts';
import type { GroupOptions } from '../../src/client/group/group_options.ts';
import { rangeAssignor } from '../../src/client/group/range_assignor.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { CreatePartitions } from '../../src/messages/37_create_partitions.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asOffset, asPartitionIndex } from '../../src/model/ids.ts';
import { SingleNode } from '../support/single_node.ts';

const PARTITIONS = 4;
const PROPERTIES = ['group.initial.rebalance.delay.ms=0', 'offsets.topic.num.partitions=2'];

async function start(): Promise<SingleNode> {
  const node = await SingleNode.start(PROPERTIES);
  await node.send(CreateTopics, 7, {
    topics: [
      { name: 'events', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  });
  return node;
}

/** A member that polls without an end, and what it read. */
class Reader {
  readonly values: string[] = [];
  readonly consumer: GroupConsumer;
  readonly history: string[] = [];
  failure: string | undefined;
  isStopped = false;
  #ended: Promise<void> | undefined;

  constructor(client: ClusterClient, options: Partial<GroupOptions> = {}) {
    this.consumer = new GroupConsumer(
      client,
      {
        groupId: 'readers',
        topics: ['events'],
        commitIntervalMs: 100,
        ...options,
        consumer: { offsetReset: 'earliest' },
      },
      {
        assigned: partitions => this.history.push(`+${partitions.map(({ partition }) => partition)}`),
        revoked: partitions => this.history.push(`-${partitions.map(({ partition }) => partition)}`),
      },
    );
  }

  start(): this {
    this.#ended = this.#run();
    return this;
  }

  async #run(): Promise<void> {
    while (!this.isStopped) {
      const records = await this.consumer.poll({ timeoutMs: 200 });
      if (failed(records)) {
        this.failure = records.toString();
        return;
      }
      for (const { value } of records) this.values.push(value!.toString());
    }
  }

  /** Leaves in order. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.#ended;
    await this.consumer.close();
  }

  get partitions(): number[] {
    return this.consumer.assignment.map(({ partition }) => partition).sort();
  }
}

async function produce(
  node: SingleNode,
  client: ClusterClient,
  from: number,
  count: number,
): Promise<string[]> {
  const producer = new Producer(client);
  const values = Array.from({ length: count }, (_, index) => `value ${from + index}`);
  const outcomes = await node.time.run(
    Promise.all(
      values.map((value, index) =>
        producer.send({
          topic: 'events',
          partition: asPartitionIndex(index % PARTITIONS),
          key: null,
          value: Buffer.from(value),
        }),
      ),
    ),
  );
  for (const outcome of outcomes) assert.ok(!failed(outcome), String(outcome));
  return values;
}

/** Every partition is read by one member, and each member reads as many. */
function isEven(readers: readonly Reader[]): boolean {
  const all = readers.flatMap(reader => reader.partitions).sort();
  const share = PARTITIONS / readers.length;
  return all.join() === '0,1,2,3' && readers.every(reader => reader.partitions.length === share);
}

for (const assignor of [rangeAssignor, cooperativeStickyAssignor]) {
  test(`members share the partitions, take over from those that leave, and read each record once: ${assignor.name}`, async () => {
    const node = await start();
    const client = node.openClient();
    const options = { assignors: [assignor] };
    const expected = await produce(node, client, 0, 200);
    const first = new Reader(node.openClient(), options).start();
    await node.time.runUntil(() => first.values.length === 200);
    assert.deepEqual(first.history, ['+0,1,2,3']);
    const second = new Reader(node.openClient(), options).start();
    await node.time.runUntil(() => isEven([first, second]));
    if (assignor.isCooperative) assert.deepEqual(first.history[1], '-2,3', 'it keeps what it reads on');
    expected.push(...(await produce(node, client, 200, 200)));
    await node.time.runUntil(() => first.values.length + second.values.length >= 400);
    await node.time.run(first.stop());
    await node.time.runUntil(() => isEven([second]));
    expected.push(...(await produce(node, client, 400, 200)));
    await node.time.runUntil(() => first.values.length + second.values.length >= 600);
    await node.time.advance(1_000);
    assert.deepEqual([...first.values, ...second.values].sort(), [...expected].sort());
    await node.time.run(second.stop());
    const committed = await node.time.run(fetchOffsets(client, 'readers', 'all'));
    assert.ok(!failed(committed), String(committed));
    assert.deepEqual(
      [...committed.values()].map(({ offset }) => offset),
      [150n, 150n, 150n, 150n],
    );
  });
}

test('a member that dies loses its partitions when its session ends', async () => {
  const node = await start();
  const options = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 500 };
  const dying = node.openClient();
  const first = new Reader(dying, options).start();
  const second = new Reader(node.openClient(), options).start();
  await node.time.runUntil(() => isEven([first, second]));
  dying.close();
  first.isStopped = true;
  const startedMs = node.time.nowMs;
  await node.time.runUntil(() => isEven([second]));
  const tookMs = node.time.nowMs - startedMs;
  assert.ok(tookMs > 4_000 && tookMs < 10_000, `it took ${tookMs} ms`);
  await node.time.run(second.stop());
});

test('a member goes on after the coordinator died and came back', async () => {
  const node = await start();
  const client = node.openClient();
  const reader = new Reader(node.openClient(), { heartbeatIntervalMs: 500 }).start();
  const expected = await produce(node, client, 0, 100);
  await node.time.runUntil(() => reader.values.length === 100);
  await node.time.advance(1_000);
  await node.restart();
  expected.push(...(await produce(node, client, 100, 100)));
  await node.time.runUntil(() => reader.values.length >= 200);
  await node.time.advance(5_000);
  assert.deepEqual([...reader.values].sort(), [...expected].sort());
  await node.time.run(reader.stop());
});

test('who does not poll for too long is out, and comes back as a new member when it polls', async () => {
  const node = await start();
  const options = { maxPollIntervalMs: 5_000, heartbeatIntervalMs: 500 };
  const lazy = new Reader(node.openClient(), options);
  await node.time.run(lazy.consumer.poll({ timeoutMs: 2_000 }));
  assert.equal(lazy.partitions.length, PARTITIONS);
  const { memberId } = lazy.consumer;
  const other = new Reader(node.openClient(), options).start();
  await node.time.runUntil(() => isEven([other]), { limitMs: 20_000 });
  lazy.start();
  await node.time.runUntil(() => isEven([lazy, other]));
  assert.notEqual(lazy.consumer.memberId, memberId);
  await node.time.run(Promise.all([lazy.stop(), other.stop()]));
});

test('partitions that come up are read', async () => {
  const node = await start();
  const client = node.openClient({ timeouts: { metadataMaxAgeMs: 1_000 } });
  const reader = new Reader(client, { heartbeatIntervalMs: 500 }).start();
  await node.time.runUntil(() => isEven([reader]));
  await node.send(CreatePartitions, 3, {
    topics: [{ name: 'events', count: 6, assignments: null }],
    timeoutMs: 5_000,
    validateOnly: false,
  });
  await node.time.runUntil(() => reader.partitions.length === 6);
  await node.time.run(reader.stop());
});

test('a static member that comes back has its partitions again, and fences the one before', async () => {
  const node = await start();
  const options = { groupInstanceId: 'one', heartbeatIntervalMs: 500 };
  const first = new Reader(node.openClient(), options).start();
  await node.time.runUntil(() => isEven([first]));
  const second = new Reader(node.openClient(), options).start();
  await node.time.runUntil(() => isEven([second]) && first.failure !== undefined);
  assert.match(first.failure!, /FENCED_INSTANCE_ID/);
  await node.time.run(Promise.all([first.stop(), second.stop()]));
});

test('a group that does not take the member says why', async () => {
  const node = await start();
  const refused = new Reader(node.openClient(), { sessionTimeoutMs: 1 });
  const answer = await node.time.run(refused.consumer.poll({ timeoutMs: 10_000 }));
  assert.ok(failed(answer));
  assert.equal(answer.code, Errors.INVALID_SESSION_TIMEOUT);
});

test('a commit of what the program chooses is where the next member begins', async () => {
  const node = await start();
  const client = node.openClient();
  await produce(node, client, 0, 40);
  const first = new Reader(node.openClient(), { commitsByItself: false });
  while (first.values.length < 40) {
    const records = await node.time.run(first.consumer.poll({ timeoutMs: 1_000 }));
    assert.ok(!failed(records));
    for (const { value } of records) first.values.push(value!.toString());
  }
  const offsets = [0, 1, 2, 3].map(index => ({
    topic: 'events',
    partition: asPartitionIndex(index),
    offset: asOffset(9n),
  }));
  assert.equal(await node.time.run(first.consumer.commit(offsets)), undefined);
  await node.time.run(first.stop());
  const second = new Reader(node.openClient()).start();
  await node.time.runUntil(() => second.values.length >= 4);
  await node.time.advance(1_000);
  assert.equal(second.values.length, 4, 'the last record of each partition');
  await node.time.run(second.stop());
});
