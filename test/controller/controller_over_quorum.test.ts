import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Controller } from '../../src/controller/controller.ts';
import { FEATURES } from '../../src/controller/features.ts';
import { MetadataPublisher } from '../../src/controller/metadata_publisher.ts';
import { CreateTopicsRequest } from '../../src/messages/19_create_topics.ts';
import { BrokerRegistrationRequest } from '../../src/messages/62_broker_registration.ts';
import { BrokerHeartbeatRequest } from '../../src/messages/63_broker_heartbeat.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { QuorumMachine } from '../support/quorum_machine.ts';
import { contentOf } from './arbitrary_metadata.ts';
import { directoryOf, incarnationOf, request } from './harness.ts';

/** The controller over the real quorum, on a simulated disk. */
async function boot(machine: QuorumMachine, maxBytesBetweenSnapshots = 1 << 30) {
  const node = await machine.open();
  assert.ok(!failed(node), String(node));
  machine.node = node;
  const { clock, logger, random } = machine;
  const configuration = loadConfiguration({ overrides: ['node.id=1'], hostname: 'test' });
  assert.ok('settings' in configuration);
  const publisher = new MetadataPublisher({
    quorum: node,
    clock,
    logger,
    settings: { maxBytesBetweenSnapshots, maxSnapshotIntervalMs: 0 },
    stop: failure => machine.failures.push(failure),
  });
  node.start();
  await machine.time.runUntil(() => node.clusterId !== undefined);
  const controller = new Controller({
    publisher,
    quorum: node,
    clusterId: node.clusterId!,
    clock,
    random: random.fork(),
    logger,
    node: new DynamicSettings(configuration),
    voterIds: () => [asNodeId(1)],
    kraftVersion: () => node.status.kraftVersion,
    formatted: undefined,
  });
  publisher.subscribe(controller);
  publisher.start();
  await machine.time.runUntil(() => controller.isActive && publisher.image.metadataVersion !== undefined);
  return { node, publisher, controller };
}

type Booted = Awaited<ReturnType<typeof boot>>;

async function startBroker(
  machine: QuorumMachine,
  { node, controller, publisher }: Booted,
  id: number,
  run = 0,
) {
  const registration = request(BrokerRegistrationRequest, {
    brokerId: id,
    clusterId: node.clusterId!,
    incarnationId: incarnationOf(id, run),
    listeners: [{ name: 'PLAINTEXT', host: 'test', port: 9092, securityProtocol: 0 }],
    features: FEATURES.map(({ name, lowest, highest }) => ({
      name,
      minSupportedVersion: lowest,
      maxSupportedVersion: highest,
    })),
    rack: null,
    logDirs: [directoryOf(id)],
  });
  const answer = await machine.time.run(controller.registerBroker(registration, 4));
  assert.ok(!(answer instanceof Failure), String(answer));
  const beat = {
    brokerId: id,
    brokerEpoch: answer.brokerEpoch!,
    currentMetadataOffset: publisher.image.lastOffset,
    wantFence: false,
    wantShutDown: false,
  };
  const alive = await machine.time.run(controller.heartbeat(request(BrokerHeartbeatRequest, beat)));
  assert.ok(!(alive instanceof Failure) && alive.isFenced === false);
}

const create = (...names: string[]) =>
  request(CreateTopicsRequest, {
    topics: names.map(name => ({
      name,
      numPartitions: 3,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
  });

test('what was answered survives a power cut, what was not is not there', async () => {
  const machine = new QuorumMachine();
  const first = await boot(machine);
  await startBroker(machine, first, 1);
  const answer = await machine.time.run(first.controller.createTopics(create('kept')));
  assert.ok(!(answer instanceof Failure));
  assert.equal(answer.topics[0]?.errorCode, 0);
  const content = contentOf(first.publisher.image);
  let isAnswered = false;
  void first.controller.createTopics(create('lost')).then(() => {
    isAnswered = true;
  });
  machine.crash();
  assert.equal(isAnswered, false);
  const second = await boot(machine);
  assert.deepEqual(contentOf(second.publisher.image), content);
  await startBroker(machine, second, 2);
  const again = await machine.time.run(second.controller.createTopics(create('kept', 'lost')));
  assert.ok(!(again instanceof Failure));
  assert.deepEqual(
    again.topics.map(topic => topic.errorCode),
    [36, 0],
  );
  assert.deepEqual(machine.failures, []);
});

test('a snapshot that the publisher asked for makes the same state', async () => {
  const machine = new QuorumMachine();
  const first = await boot(machine, 2000);
  await startBroker(machine, first, 1);
  for (let index = 0; index < 20; index++) {
    await machine.time.run(first.controller.createTopics(create(`topic${index}`)));
  }
  await machine.time.advance(100);
  const content = contentOf(first.publisher.image);
  machine.crash();
  const second = await boot(machine);
  assert.deepEqual(contentOf(second.publisher.image), content);
  assert.equal(second.publisher.image.topics.size, 20);
  const snapshots = machine.disk
    .list('/data/__cluster_metadata-0')
    .filter(name => name.endsWith('.checkpoint'));
  assert.ok(snapshots.length > 1, `${snapshots}`);
  assert.deepEqual(machine.failures, []);
});

test('a broker that does not come back is fenced as soon as its session is over', async () => {
  const machine = new QuorumMachine();
  const booted = await boot(machine);
  await startBroker(machine, booted, 1);
  const fenced = () => booted.publisher.image.cluster.brokers.get(asNodeId(1))?.fenced === true;
  const silentMs = machine.time.nowMs;
  await machine.time.runUntil(fenced);
  const tookMs = machine.time.nowMs - silentMs;
  assert.ok(tookMs > 2000 && tookMs < 2005, `${tookMs} ms`);
});
