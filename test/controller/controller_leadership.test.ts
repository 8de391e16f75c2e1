import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBootstrap } from '../../src/controller/bootstrap.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  metadataRecord,
} from '../../src/controller/metadata_record.ts';
import { CreateTopicsRequest } from '../../src/messages/19_create_topics.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { Harness, request } from './harness.ts';

const feature = (name: string, featureLevel: number) =>
  metadataRecord('FeatureLevelRecord', 0, { name, featureLevel });

function logged(harness: Harness): MetadataRecord[] {
  return harness.quorum.log
    .flatMap(batch => batch.values)
    .map(value => {
      const record = decodeMetadataRecord(value);
      assert.ok(!(record instanceof Failure));
      return record;
    });
}

const createOne = (name: string, timeoutMs = 60_000) =>
  request(CreateTopicsRequest, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs,
  });

test('the first controller of a cluster writes what Kafka 4.3 writes', async () => {
  const harness = await new Harness({ settings: ['min.insync.replicas=2'] }).lead();
  assert.deepEqual(logged(harness), [
    metadataRecord('BeginTransactionRecord', 0, { name: 'Bootstrap records' }),
    feature('metadata.version', 30),
    feature('eligible.leader.replicas.version', 1),
    feature('group.version', 1),
    feature('share.version', 1),
    feature('streams.version', 1),
    feature('transaction.version', 2),
    metadataRecord('ConfigRecord', 0, {
      resourceType: 4,
      resourceName: '',
      name: 'min.insync.replicas',
      value: '2',
    }),
    metadataRecord('EndTransactionRecord', 0, {}),
  ]);
  assert.equal(harness.quorum.log.length, 1);
});

test('a directory that Kafka formatted keeps its features', async () => {
  const formatted = readBootstrap(
    [feature('metadata.version', 21), feature('kraft.version', 1)].map(encodeMetadataRecord),
  );
  assert.ok(!(formatted instanceof Failure));
  const harness = await new Harness({ formatted }).lead();
  assert.equal(harness.image.metadataVersion, 21);
  assert.deepEqual([...harness.image.features.levels], [['metadata.version', 21]]);
  assert.equal(harness.image.configs.of({ type: 4, name: '' }).size, 0);
});

test('a bootstrap.checkpoint without a metadata.version is refused', () => {
  const failure = readBootstrap([encodeMetadataRecord(feature('group.version', 1))]);
  assert.ok(failure instanceof Failure);
  assert.equal(failure.code, Errors.INVALID_CONFIG);
});

test('a later controller writes nothing, and goes on with what is there', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  await harness.createTopics([{ name: 'a' }]);
  const batches = harness.quorum.log.length;
  harness.quorum.elect(2);
  await harness.lead();
  assert.equal(harness.quorum.log.length, batches);
  assert.equal((await harness.createTopics([{ name: 'a' }]))[0]?.errorCode, Errors.TOPIC_ALREADY_EXISTS);
});

test('a transaction that another controller left open is aborted', async () => {
  const harness = new Harness();
  harness.quorum.elect(2);
  harness.quorum.receive([feature('metadata.version', 30)].map(encodeMetadataRecord));
  const begun = [
    metadataRecord('BeginTransactionRecord', 0, { name: 'x' }),
    metadataRecord('TopicRecord', 0, { name: 'lost', topicId: 'AAECAwQFBgcICQoLDA0ODw' }),
  ];
  harness.quorum.receive(begun.map(encodeMetadataRecord));
  await harness.lead();
  assert.equal(logged(harness).at(-1)?.type, 'AbortTransactionRecord');
  assert.equal(harness.publisher.hasOpenTransaction, false);
  await harness.start([1]);
  assert.equal((await harness.createTopics([{ name: 'lost' }]))[0]?.errorCode, Errors.NONE);
});

test('who does not lead says who does', async () => {
  const harness = new Harness();
  const table = [
    [undefined, /nobody is at the moment/],
    [2, /node 2 is/],
  ] as const;
  for (const [leader, text] of table) {
    harness.quorum.elect(leader);
    const answer = await harness.controller.createTopics(createOne('a'));
    assert.ok(answer instanceof Failure);
    assert.equal(answer.code, Errors.NOT_CONTROLLER);
    assert.match(answer.message, text);
  }
});

test('an answer waits for the commit, and so does one that only reads what is not committed', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  harness.quorum.autoCommit = false;
  const answers: string[] = [];
  void harness.controller.createTopics(createOne('a')).then(() => answers.push('created'));
  void harness.controller.createTopics(createOne('a')).then(() => answers.push('exists'));
  await harness.settle();
  assert.deepEqual(answers, []);
  assert.equal(harness.image.topics.size, 0);
  harness.quorum.commit();
  await harness.settle();
  assert.deepEqual(answers, ['created', 'exists']);
  assert.equal(harness.image.topics.size, 1);
});

test('what is not committed when the leadership ends was never there', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  harness.quorum.autoCommit = false;
  const lost = harness.controller.createTopics(createOne('a'));
  harness.quorum.elect(2);
  const answer = await lost;
  assert.ok(answer instanceof Failure);
  assert.equal(answer.code, Errors.NOT_CONTROLLER);
  assert.match(answer.message, /node 2 is/);
  harness.quorum.autoCommit = true;
  await harness.lead();
  await harness.settle();
  assert.equal((await harness.createTopics([{ name: 'a' }]))[0]?.errorCode, Errors.NONE);
});

test('the same leadership told twice stays', async () => {
  const harness = await new Harness().lead();
  harness.quorum.autoCommit = false;
  await harness.start([]);
  const waiting = harness.controller.createTopics(createOne('a'));
  harness.controller.leaderChanged(harness.quorum.leaderAndEpoch);
  harness.quorum.commit();
  assert.ok(!((await waiting) instanceof Failure));
});

test('a client that waits no longer is told that the change may still come', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  harness.quorum.autoCommit = false;
  const waiting = harness.controller.createTopics(createOne('a', 500));
  await harness.time.advance(500);
  const answer = await waiting;
  assert.ok(answer instanceof Failure);
  assert.equal(answer.code, Errors.REQUEST_TIMED_OUT);
  harness.quorum.commit();
  assert.equal(harness.image.topics.size, 1);
  assert.equal(harness.clock.state, 'running');
});

test('a stopped controller leads no more', async () => {
  const harness = await new Harness().lead();
  harness.controller.stop();
  assert.equal(harness.controller.isActive, false);
  await harness.lead();
  assert.equal(harness.controller.isActive, false);
  assert.equal(harness.time.pendingCount, 0);
});

test('an idle log gets a sign of life', async () => {
  const harness = await new Harness({ settings: ['metadata.max.idle.interval.ms=500'] }).lead();
  const before = harness.quorum.log.length;
  await harness.time.advance(1600);
  assert.deepEqual(
    harness.quorum.log.slice(before).map(batch => batch.values.length),
    [1, 1, 1],
  );
  assert.equal(logged(harness).at(-1)?.type, 'NoOpRecord');
});

test('the log alone makes the same state again', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2, 3]);
  await harness.createTopics([{ name: 'a', numPartitions: 6, replicationFactor: 3 }]);
  harness.kill(2);
  await harness.pass(4000);
  const other = new Harness();
  other.quorum.elect(2);
  for (const batch of harness.quorum.log) other.quorum.receive(batch.values);
  const shape = (of: Harness) =>
    [...of.image.records()].map(record => encodeMetadataRecord(record).toString('hex'));
  assert.deepEqual(shape(other), shape(harness));
});
