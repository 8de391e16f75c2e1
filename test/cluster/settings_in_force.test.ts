/* What is set is what happens: settings and quotas, changed as an administrator does, seen as a client sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../src/messages/02_list_offsets.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { IncrementalAlterConfigs } from '../../src/messages/44_incremental_alter_configs.ts';
import { AlterClientQuotas } from '../../src/messages/49_alter_client_quotas.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { BROKER_PORT, ClusterWorld } from '../support/cluster_world.ts';

const TOPIC = 'kept';
/** The last version in which topics go by their names. */
const BY_NAME = { maxVersion: 12 };
const ALL = -1;
const EARLIEST = -2n;
const SET = 0;
const TOPIC_RESOURCE = 2;
const BROKER_RESOURCE = 4;
/** Shared by all: the client of the world calls itself so. */
const CLIENT = 'test';

async function started(settings: readonly string[] = []): Promise<ClusterWorld> {
  const world = new ClusterWorld({ combined: 3, settings });
  await world.start();
  await world.until(() => world.active !== undefined);
  return world;
}

async function leaderOf(world: ClusterWorld, topic = TOPIC): Promise<number> {
  return (await world.metadata(world.active!.id, topic)).topics[0]!.partitions[0]!.leaderId;
}

async function isrIs(world: ClusterWorld, size: number): Promise<void> {
  const isr = () => world.active?.broker?.image.topics.byName(TOPIC)?.partitions[0]?.isr;
  await world.until(() => isr()?.length === size);
}

async function alter(
  world: ClusterWorld,
  resource: readonly [type: number, name: string],
  name: string,
  value: string,
): Promise<void> {
  const [resourceType, resourceName] = resource;
  const configs = [{ name, configOperation: SET, value }];
  const request = { resources: [{ resourceType, resourceName, configs }], validateOnly: false };
  const { responses } = await world.ask(world.active!.id, IncrementalAlterConfigs, request);
  assert.equal(responses[0]!.errorCode, Errors.NONE, responses[0]!.errorMessage ?? '');
}

async function setQuota(world: ClusterWorld, key: string, value: number): Promise<void> {
  const entity = [{ entityType: 'client-id', entityName: CLIENT }];
  const request = { entries: [{ entity, ops: [{ key, value, remove: false }] }], validateOnly: false };
  const { entries } = await world.ask(world.active!.id, AlterClientQuotas, request);
  assert.equal(entries[0]!.errorCode, Errors.NONE, entries[0]!.errorMessage ?? '');
  await world.time.advance(500);
}

async function produce(world: ClusterWorld, { acks = ALL, sizeBytes = 1_000 } = {}) {
  const timestamp = BigInt(Math.round(world.machine(1).clock.nowMs()));
  const { buffer } = buildBatch([{ timestamp, key: null, value: Buffer.alloc(sizeBytes) }], {});
  const request = {
    transactionalId: null,
    acks,
    timeoutMs: 3_000,
    topicData: [{ name: TOPIC, partitionData: [{ index: 0, records: [buffer] }] }],
  };
  const answer = await world.ask(await leaderOf(world), Produce, request, BY_NAME);
  return { throttleTimeMs: answer.throttleTimeMs, ...answer.responses[0]!.partitionResponses[0]! };
}

async function startOffset(world: ClusterWorld): Promise<bigint> {
  const partitions = [{ partitionIndex: 0, timestamp: EARLIEST }];
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: TOPIC, partitions }] };
  const answer = await world.ask(await leaderOf(world), ListOffsets, request);
  return answer.topics[0]!.partitions[0]!.offset;
}

test('default.replication.factor and num.partitions are what a topic gets that does not say', async () => {
  const world = await started(['default.replication.factor=2', 'num.partitions=5']);
  const topic = await world.createTopic(1, TOPIC, { partitions: -1, replicas: -1 });
  assert.equal(topic.errorCode, Errors.NONE);
  await world.time.advance(500);
  const { partitions } = (await world.metadata(1, TOPIC)).topics[0]!;
  assert.deepEqual(
    partitions.map(({ replicaNodes }) => replicaNodes.length),
    [2, 2, 2, 2, 2],
  );
});

test('acks and min.insync.replicas: who asks for all is refused with too few, others are served', async () => {
  const world = await started();
  await world.createTopic(1, TOPIC, { replicas: 3, configs: { 'min.insync.replicas': '2' } });
  await isrIs(world, 3);
  const leader = await leaderOf(world);
  assert.equal((await produce(world)).errorCode, Errors.NONE);

  const others = world.all.filter(machine => machine.id !== leader);
  const gone = others.find(machine => machine !== world.active) ?? others[0]!;
  gone.kill();
  await isrIs(world, 2);
  assert.equal((await produce(world)).errorCode, Errors.NONE);

  await alter(world, [TOPIC_RESOURCE, TOPIC], 'min.insync.replicas', '3');
  await world.time.advance(500);
  assert.equal((await produce(world)).errorCode, Errors.NOT_ENOUGH_REPLICAS);
  const leaderOnly = await produce(world, { acks: 1 });
  assert.equal(leaderOnly.errorCode, Errors.NONE);
  assert.equal(leaderOnly.baseOffset, 2n);

  await world.start();
  await isrIs(world, 3);
  assert.equal((await produce(world)).errorCode, Errors.NONE);
});

test('retention: what is too old goes, and what is too much, as soon as it is set', async () => {
  const world = await started(['log.retention.check.interval.ms=1000', 'log.initial.task.delay.ms=1000']);
  await world.createTopic(1, TOPIC, {
    replicas: 3,
    configs: { 'segment.bytes': '1048576', 'retention.ms': '3600000' },
  });
  await isrIs(world, 3);
  for (let sent = 0; sent < 5; sent++) await produce(world, { sizeBytes: 600_000 });
  await world.time.advance(5_000);
  assert.equal(await startOffset(world), 0n);

  await alter(world, [TOPIC_RESOURCE, TOPIC], 'retention.bytes', '1300000');
  await world.time.advance(5_000);
  const bySize = await startOffset(world);
  assert.ok(bySize > 0n && bySize < 4n, `${bySize}`);

  await world.time.advance(60_000);
  await alter(world, [TOPIC_RESOURCE, TOPIC], 'retention.ms', '30000');
  await world.time.advance(5_000);
  assert.equal(await startOffset(world), 5n);
  assert.equal((await produce(world)).baseOffset, 5n);
});

test('max.message.bytes of the broker holds for topics without their own, from when it is set', async () => {
  const world = await started();
  await world.createTopic(1, TOPIC, { replicas: 3 });
  await isrIs(world, 3);
  assert.equal((await produce(world, { sizeBytes: 5_000 })).errorCode, Errors.NONE);
  await alter(world, [BROKER_RESOURCE, ''], 'message.max.bytes', '2000');
  await world.time.advance(500);
  assert.equal((await produce(world, { sizeBytes: 5_000 })).errorCode, Errors.MESSAGE_TOO_LARGE);
  await alter(world, [TOPIC_RESOURCE, TOPIC], 'max.message.bytes', '9000');
  await world.time.advance(500);
  assert.equal((await produce(world, { sizeBytes: 5_000 })).errorCode, Errors.NONE);
});

test('a producer and a consumer above their quotas are told how long to wait, and are held up', async () => {
  const world = await started();
  await world.createTopic(1, TOPIC, { replicas: 3 });
  await isrIs(world, 3);
  for (let sent = 0; sent < 20; sent++) {
    assert.equal((await produce(world, { sizeBytes: 100_000 })).throttleTimeMs, 0);
  }
  const leader = await leaderOf(world);
  const partition = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 10_000_000 };
  const fetch = {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic: TOPIC, partitions: [partition] }],
    forgottenTopicsData: [],
  };
  assert.equal((await world.ask(leader, Fetch, fetch, BY_NAME)).throttleTimeMs, 0);

  await setQuota(world, 'producer_byte_rate', 10_000);
  const produced = await produce(world, { sizeBytes: 500_000 });
  assert.equal(produced.errorCode, Errors.NONE);
  assert.ok(produced.throttleTimeMs > 1_000, `${produced.throttleTimeMs}`);
  const beforeMs = world.time.nowMs;
  await produce(world);
  assert.ok(world.time.nowMs - beforeMs >= produced.throttleTimeMs * 0.9);

  await setQuota(world, 'producer_byte_rate', 1e12);
  await setQuota(world, 'consumer_byte_rate', 10_000);
  let throttleTimeMs = 0;
  for (let asked = 0; asked < 3 && throttleTimeMs === 0; asked++) {
    throttleTimeMs = (await world.ask(leader, Fetch, fetch, BY_NAME)).throttleTimeMs;
  }
  assert.ok(throttleTimeMs > 0);
});

test('who makes more partitions than the quota allows is refused, and told why', async () => {
  const world = await started();
  await setQuota(world, 'controller_mutation_rate', 1);
  const request = (name: string) => ({
    topics: [{ name, numPartitions: 50, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5_000,
  });
  const first = await world.ask(world.active!.id, CreateTopics, request('first'));
  assert.equal(first.topics[0]!.errorCode, Errors.NONE);
  assert.ok(first.throttleTimeMs > 1_000, `${first.throttleTimeMs}`);
  // That connection is not read for so long; another one of the same client is.
  const clock = new SimulatedClock(world.time);
  const network = world.network.host('another').open(clock);
  const client = new PeerClient({ network, clock, clientId: CLIENT });
  const endpoint = { host: world.active!.host, port: BROKER_PORT };
  const sent = client.send(endpoint, CreateTopics, request('second'), { timeoutMs: 5_000 });
  const second = await world.time.run(sent);
  assert.ok(!failed(second), String(second));
  assert.equal(second.topics[0]!.errorCode, Errors.THROTTLING_QUOTA_EXCEEDED);
  assert.match(second.topics[0]!.errorMessage!, /controller_mutation_rate/);
});
