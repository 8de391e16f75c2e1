import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActiveController } from '../../src/controller/active_controller.ts';
import { heartbeat } from '../../src/controller/broker_heartbeats.ts';
import { fenceBrokers } from '../../src/controller/broker_lifecycle.ts';
import { registerBroker } from '../../src/controller/broker_registrations.ts';
import { severally } from '../../src/controller/decision.ts';
import { type MetadataRecord, metadataRecord } from '../../src/controller/metadata_record.ts';
import { FREE_OF_CHARGE } from '../../src/controller/mutation_charge.ts';
import { alterReassignments } from '../../src/controller/reassignments.ts';
import { createTopics } from '../../src/controller/topic_creation.ts';
import { CreateTopicsRequest } from '../../src/messages/19_create_topics.ts';
import { AlterPartitionReassignmentsRequest } from '../../src/messages/45_alter_partition_reassignments.ts';
import { BrokerRegistrationRequest } from '../../src/messages/62_broker_registration.ts';
import { BrokerHeartbeatRequest } from '../../src/messages/63_broker_heartbeat.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { contentOf } from './arbitrary_metadata.ts';
import { CLUSTER_ID, Harness, request } from './harness.ts';

/** A leadership over a log at some metadata.version, and the publisher that reads what it commits. */
function activeAt(metadataVersion: number) {
  const harness = new Harness();
  const { quorum, clock, logger, publisher } = harness;
  harness.controller.stop();
  quorum.elect(1);
  const configuration = loadConfiguration({ overrides: ['node.id=1'], hostname: 'test' });
  assert.ok('settings' in configuration);
  const formatted = [
    metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel: metadataVersion }),
  ];
  const options = {
    clusterId: CLUSTER_ID,
    quorum,
    clock,
    random: new SeededRandom(2),
    logger,
    node: new DynamicSettings(configuration),
    voterIds: () => [asNodeId(1)],
    kraftVersion: () => 1,
    formatted,
  };
  const { epoch } = quorum.leaderAndEpoch;
  const active = new ActiveController(options, {
    epoch,
    committed: publisher.image,
    hasOpenTransaction: false,
  });
  publisher.subscribe({ metadataChanged: (_, image) => active.committed(image.lastOffset) });
  return { harness, active, quorum, publisher };
}

test('at every metadata.version, what is proposed is what is committed', async () => {
  for (const version of [7, 8, 10, 11, 14, 16, 17, 21, 22, 23, 30, 33]) {
    const { harness, active, publisher } = activeAt(version);
    await harness.settle();
    for (const id of [1, 2, 3]) {
      const registration = request(BrokerRegistrationRequest, harness.registration(id, { rack: 'r' }));
      const registered = await active.decide(context => registerBroker(context, registration, 4));
      assert.ok(!(registered instanceof Failure), String(registered));
      const beat = {
        brokerId: id,
        brokerEpoch: registered.brokerEpoch!,
        currentMetadataOffset: publisher.image.lastOffset,
        wantFence: false,
        wantShutDown: false,
      };
      await active.decide(context => heartbeat(context, request(BrokerHeartbeatRequest, beat)));
    }
    const topic = { name: 'a', numPartitions: 3, replicationFactor: 2, assignments: [], configs: [] };
    await active.decide(context =>
      createTopics(context, request(CreateTopicsRequest, { topics: [topic] }), FREE_OF_CHARGE),
    );
    const partitions = [{ partitionIndex: 0, replicas: [3, 2, 1] }];
    const move = request(AlterPartitionReassignmentsRequest, { topics: [{ name: 'a', partitions }] });
    await active.decide(context => alterReassignments(context, move));
    await active.decide(context => severally(undefined, fenceBrokers(context, new Set([asNodeId(2)]))));
    assert.equal(publisher.image.topics.byName('a')?.partitions.length, 3);
    assert.deepEqual(contentOf(active.image), contentOf(publisher.image), `metadata.version ${version}`);
  }
});

const topicRecords = (count: number): MetadataRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const topicId = Buffer.alloc(16);
    topicId.writeUInt32BE(index + 1000);
    return metadataRecord('TopicRecord', 0, { name: `t${index}`, topicId: topicId.toString('base64url') });
  });

test('changes that may be split are split into batches that the log takes', async () => {
  const { active, quorum } = activeAt(30);
  const before = quorum.pending.length;
  active.propose(severally(undefined, topicRecords(25_000)));
  assert.deepEqual(
    quorum.pending.slice(before).map(batch => batch.values.length),
    [10_000, 10_000, 5000],
  );
  assert.equal(active.image.topics.size, 25_000);
});

test('a change that must not be split is refused when it is too large, and nothing of it is left', () => {
  const { active, quorum } = activeAt(30);
  const before = quorum.pending.length;
  const refused = active.propose({ ...severally(undefined, topicRecords(10_001)), atomic: true });
  assert.ok(refused instanceof Failure);
  assert.equal(refused.code, Errors.POLICY_VIOLATION);
  assert.deepEqual([quorum.pending.length, active.image.topics.size], [before, 0]);
});

test('a batch that the quorum refuses leaves nothing behind', () => {
  const { active } = activeAt(30);
  const long = 'x'.repeat(32_000);
  const config = metadataRecord('ConfigRecord', 0, {
    resourceType: 2,
    resourceName: 'a',
    name: 'b',
    value: long,
  });
  const refused = active.propose({ ...severally(undefined, new Array(400).fill(config)), atomic: true });
  assert.ok(refused instanceof Failure);
  assert.equal(refused.code, Errors.MESSAGE_TOO_LARGE);
  assert.equal(active.image.configs.of({ type: 2, name: 'a' }).size, 0);
});

test('a leadership that is lost before it begins decides nothing', async () => {
  const { harness, quorum, publisher } = activeAt(30);
  const { epoch } = quorum.leaderAndEpoch;
  quorum.elect(2);
  const fresh = new Harness();
  fresh.controller.leaderChanged({ leaderId: asNodeId(1), epoch });
  assert.equal(fresh.controller.isActive, false);
  assert.deepEqual(fresh.quorum.resignedEpochs, [epoch]);
  assert.equal(publisher.image.topics.size, 0);
  await harness.settle();
});

test('when too much waits, more is refused', async () => {
  const { active, quorum } = activeAt(30);
  quorum.autoCommit = false;
  const waiting = Array.from({ length: 10_000 }, () => active.decide(() => severally('done')));
  const refused = await active.decide(() => severally('done'));
  assert.ok(refused instanceof Failure);
  assert.equal(refused.code, Errors.REQUEST_TIMED_OUT);
  quorum.commit();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['done']));
});
