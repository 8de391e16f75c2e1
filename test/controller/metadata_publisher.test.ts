import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import type { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import { MetadataPublisher, type SnapshotSettings } from '../../src/controller/metadata_publisher.ts';
import {
  encodeMetadataRecord,
  type MetadataRecord,
  metadataRecord,
} from '../../src/controller/metadata_record.ts';
import { Errors } from '../../src/model/error_codes.ts';
import type { Failure } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MemoryQuorum } from './memory_quorum.ts';

const NO_SNAPSHOTS: SnapshotSettings = { maxBytesBetweenSnapshots: 1 << 30, maxSnapshotIntervalMs: 0 };

interface Told {
  readonly topics: string[];
  readonly lastOffset: bigint;
}

function setUp(settings: SnapshotSettings = NO_SNAPSHOTS) {
  const quorum = new MemoryQuorum();
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const told: Told[] = [];
  const failures: Failure[] = [];
  const logger = new SimulatedLogger(clock);
  const stop = (failure: Failure) => failures.push(failure);
  const publisher = new MetadataPublisher({ quorum, clock, logger, settings, stop });
  const subscriber = {
    metadataChanged(delta: MetadataDelta, image: MetadataImage) {
      const topics = [...delta.topics.values()].map(topic => `${topic.deleted ? '-' : '+'}${topic.name}`);
      told.push({ topics, lastOffset: image.lastOffset });
    },
  };
  publisher.subscribe(subscriber);
  publisher.start();
  const receive = (...records: MetadataRecord[]) => quorum.receive(records.map(encodeMetadataRecord));
  receive(feature(30));
  return { quorum, time, publisher, subscriber, told, failures, receive };
}

const feature = (featureLevel: number) =>
  metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel });
const topicId = (name: string) => Buffer.alloc(16, name).toString('base64url');
const topic = (name: string) => metadataRecord('TopicRecord', 0, { name, topicId: topicId(name) });
const begin = metadataRecord('BeginTransactionRecord', 0, { name: 'test' });
const end = metadataRecord('EndTransactionRecord', 0, {});
const abort = metadataRecord('AbortTransactionRecord', 0, { reason: 'test' });

test('subscribers are told of each group of batches', () => {
  const { quorum, told, receive } = setUp();
  receive(topic('a'), topic('b'));
  quorum.pending.length = 0;
  receive(metadataRecord('RemoveTopicRecord', 0, { topicId: topicId('a') }), topic('c'));
  assert.deepEqual(told, [
    { topics: [], lastOffset: 0n },
    { topics: ['+a', '+b'], lastOffset: 2n },
    { topics: ['-a', '+c'], lastOffset: 4n },
  ]);
});

test('a transaction shows at its end, over any number of batches', () => {
  const { publisher, told, receive } = setUp();
  receive(topic('a'), begin, topic('b'));
  assert.equal(publisher.hasOpenTransaction, true);
  receive(topic('c'));
  assert.equal(publisher.image.topics.size, 1);
  receive(topic('d'), end, topic('e'));
  assert.equal(publisher.hasOpenTransaction, false);
  assert.deepEqual(told.slice(1), [
    { topics: ['+a'], lastOffset: 0n },
    { topics: [], lastOffset: 0n },
    { topics: ['+b', '+c', '+d', '+e'], lastOffset: 7n },
  ]);
});

test('an aborted transaction never was', () => {
  const { publisher, told, receive } = setUp();
  receive(begin, topic('a'));
  receive(topic('b'), abort, topic('c'));
  assert.deepEqual(
    [...publisher.image.topics.all()].map(each => each.name),
    ['c'],
  );
  assert.deepEqual(told.at(-1), { topics: ['+c'], lastOffset: 5n });
});

test('a snapshot takes the place of everything, and the difference is told', () => {
  const { quorum, publisher, told, receive } = setUp();
  receive(topic('a'), topic('b'));
  receive(begin, topic('z'));
  const id = { endOffset: asOffset(100n), epoch: asLeaderEpoch(3) };
  quorum.loadSnapshot(id, [feature(30), topic('b'), topic('c')].map(encodeMetadataRecord));
  assert.equal(publisher.hasOpenTransaction, false);
  assert.equal(publisher.image.lastEpoch, 3);
  assert.deepEqual(told.at(-1), { topics: ['-a', '+c'], lastOffset: 99n });
  receive(topic('d'));
  assert.deepEqual(told.at(-1), { topics: ['+d'], lastOffset: 100n });
});

test('who subscribes late is told of everything so far', () => {
  const { publisher, subscriber, told, receive } = setUp();
  receive(topic('a'));
  publisher.subscribe(subscriber);
  assert.deepEqual(told.at(-1), { topics: ['+a'], lastOffset: 1n });
});

test('a record of the future stops the node before it acts on anything behind it', () => {
  const { quorum, publisher, told, failures, receive } = setUp();
  quorum.receive([encodeMetadataRecord(topic('a')), Buffer.from('016300', 'hex')]);
  receive(topic('b'));
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.code, Errors.UNSUPPORTED_VERSION);
  assert.equal(told.length, 1);
  assert.equal(publisher.image.topics.byName('b'), undefined);
});

test('a snapshot is taken when the log has grown, not within a transaction', async () => {
  const { quorum, receive } = setUp({ maxBytesBetweenSnapshots: 400, maxSnapshotIntervalMs: 0 });
  receive(topic('a'));
  assert.equal(quorum.snapshots.length, 0);
  receive(begin, topic('b'), topic('c'), topic('d'), topic('e'), topic('f'), topic('g'));
  assert.equal(quorum.snapshots.length, 0);
  receive(end);
  assert.equal(quorum.snapshots.length, 1);
  await Promise.resolve();
  const [snapshot] = quorum.snapshots;
  assert.equal(snapshot?.id.endOffset, 10n);
  assert.deepEqual(
    snapshot.values,
    [feature(30), ...'abcdefg'.split('').map(topic)].map(encodeMetadataRecord),
  );
  receive(topic('h'));
  assert.equal(quorum.snapshots.length, 1);
});

test('a snapshot is taken when the last one is old', async () => {
  const { quorum, time, receive } = setUp({ maxBytesBetweenSnapshots: 1 << 30, maxSnapshotIntervalMs: 1000 });
  receive(topic('a'));
  await time.advance(1000);
  assert.equal(quorum.snapshots.length, 0);
  receive(topic('b'));
  receive(topic('c'));
  assert.equal(quorum.snapshots.length, 1);
  assert.equal(quorum.snapshots[0]?.id.endOffset, 3n);
});

test('a node that starts is told of the end of the log, and not of what was true before', () => {
  const { quorum, publisher, subscriber, told, receive } = setUp();
  receive(topic('a'));
  receive(metadataRecord('RemoveTopicRecord', 0, { topicId: topicId('a') }), topic('b'));
  const again = new MemoryQuorum();
  const leaders: unknown[] = [];
  const clock = new SimulatedClock(new SimulatedTime());
  const logger = new SimulatedLogger(clock);
  const stop = () => {};
  const restarted = new MetadataPublisher({ quorum: again, clock, logger, settings: NO_SNAPSHOTS, stop });
  told.length = 0;
  restarted.subscribe({ ...subscriber, leaderChanged: leader => leaders.push(leader.leaderId) });
  restarted.start();
  again.highWatermarkAhead = quorum.highWatermark;
  for (const batch of quorum.log.slice(0, -1)) again.receive(batch.values);
  again.elect(2);
  assert.deepEqual([told, leaders], [[], [undefined, 2]]);
  // One that comes while the log is gone through is told with the others.
  const late: Told[] = [];
  restarted.subscribe({
    metadataChanged: (delta, image) => {
      late.push({ topics: [...delta.topics.values()].map(each => each.name), lastOffset: image.lastOffset });
    },
  });
  assert.deepEqual(late, []);
  again.highWatermarkAhead = undefined;
  again.isHighWatermarkHeard = false;
  again.receive(quorum.log.at(-1)!.values);
  assert.deepEqual(told, [], 'what the node knew itself may be far behind');
  again.isHighWatermarkHeard = true;
  again.receive([]);
  assert.deepEqual(told, [{ topics: ['+b'], lastOffset: publisher.image.lastOffset }]);
  assert.deepEqual(late, [{ topics: ['b'], lastOffset: publisher.image.lastOffset }]);
});

test('a node that leads has gone through the log, and its subscribers know it first', () => {
  const { quorum } = setUp();
  const again = new MemoryQuorum();
  const told: string[] = [];
  const clock = new SimulatedClock(new SimulatedTime());
  const logger = new SimulatedLogger(clock);
  const stop = () => {};
  const restarted = new MetadataPublisher({ quorum: again, clock, logger, settings: NO_SNAPSHOTS, stop });
  restarted.subscribe({
    metadataChanged: (_delta, image) => told.push(`image ${image.lastOffset}`),
    leaderChanged: leader => told.push(`leader ${leader.leaderId}`),
  });
  restarted.start();
  again.highWatermarkAhead = asOffset(100n);
  for (const batch of quorum.log) again.receive(batch.values);
  again.elect(again.nodeId);
  assert.deepEqual(told, ['leader undefined', 'image 0', 'leader 1']);
});
