import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deltaBetween } from '../../src/controller/image/delta_between.ts';
import { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import { type MetadataRecord, metadataRecord } from '../../src/controller/metadata_record.ts';
import { asNodeId, asOffset, asPartitionIndex, asUuid } from '../../src/model/ids.ts';
import { contentOf, metadataRecords } from './arbitrary_metadata.ts';

function imageOf(records: Iterable<MetadataRecord>): MetadataImage {
  const image = new MetadataImage();
  let offset = -1n;
  for (const record of records) image.replay(record, asOffset(++offset));
  image.lastOffset = asOffset(offset);
  return image;
}

test('an image makes records that make the image', () => {
  fc.assert(
    fc.property(metadataRecords, records => {
      const image = imageOf(records);
      const copy = imageOf(image.records());
      assert.deepEqual(contentOf(copy), contentOf(image));
      assert.ok(deltaBetween(image, copy).isEmpty);
      assert.equal(copy.topics.partitionCount, image.topics.partitionCount);
    }),
    { numRuns: 60 },
  );
});

test('a clone is the same, and changes apart', () => {
  fc.assert(
    fc.property(metadataRecords, metadataRecords, (records, more) => {
      const image = imageOf(records);
      const content = contentOf(image);
      const clone = image.clone();
      assert.deepEqual(contentOf(clone), content);
      for (const topic of [...clone.topics.all()]) {
        clone.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: topic.id }), asOffset(900n));
      }
      for (const record of more) clone.replay(record, asOffset(1000n));
      assert.deepEqual(contentOf(image), content);
    }),
    { numRuns: 40 },
  );
});

test('the delta of the records is the difference between the images', () => {
  fc.assert(
    fc.property(metadataRecords, metadataRecords, (records, more) => {
      const before = imageOf(records);
      const after = before.clone();
      const delta = new MetadataDelta();
      const replay = (record: MetadataRecord) => after.replay(record, asOffset(1000n), delta);
      for (const topic of [...before.topics.all()]) {
        replay(metadataRecord('RemoveTopicRecord', 0, { topicId: topic.id }));
      }
      for (const record of more) replay(record);
      const difference = deltaBetween(before, after);
      const partitions = (from: MetadataDelta) =>
        [...from.partitions()].map(change => [change.topicId, change.index, change.before, change.after]);
      assert.deepEqual(
        new Map(partitions(delta).map(p => [`${p[0]}${p[1]}`, p])),
        new Map(partitions(difference).map(p => [`${p[0]}${p[1]}`, p])),
      );
      for (const [id, change] of difference.brokers) assert.deepEqual(delta.brokers.get(id), change);
      for (const [name, change] of difference.features) assert.deepEqual(delta.features.get(name), change);
      for (const { resource, before: old, after: now } of difference.configs) {
        const told = [...delta.configs].find(
          c => c.resource.type === resource.type && c.resource.name === resource.name,
        );
        assert.deepEqual([told?.before, told?.after], [old, now]);
      }
    }),
    { numRuns: 60 },
  );
});

const TOPIC = asUuid('AAECAwQFBgcICQoLDA0ODw');
const DIRECTORY = 'EBESExQVFhcYGRobHB0eHw';

function topicRecords(): MetadataRecord[] {
  return [
    metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel: 30 }),
    metadataRecord('TopicRecord', 0, { name: 'a.b', topicId: TOPIC }),
    metadataRecord('PartitionRecord', 2, {
      partitionId: 0,
      topicId: TOPIC,
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      removingReplicas: [],
      addingReplicas: [],
      leader: 1,
      leaderRecoveryState: 0,
      leaderEpoch: 4,
      partitionEpoch: 7,
      directories: [DIRECTORY, DIRECTORY, DIRECTORY],
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    }),
  ];
}

const NO_CHANGE = {
  partitionId: 0,
  topicId: TOPIC,
  isr: null,
  leader: -2,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
} as const;

test('a change of a partition raises its epochs', () => {
  const table = [
    [
      { ...NO_CHANGE, isr: [1, 2] },
      { isr: [1, 2], leader: 1, leaderEpoch: 4, partitionEpoch: 8 },
    ],
    [
      { ...NO_CHANGE, leader: 2 },
      { isr: [1, 2, 3], leader: 2, leaderEpoch: 5, partitionEpoch: 8 },
    ],
    [
      { ...NO_CHANGE, leader: 1 },
      { isr: [1, 2, 3], leader: 1, leaderEpoch: 5, partitionEpoch: 8 },
    ],
    [
      { ...NO_CHANGE, leader: -1, isr: [], eligibleLeaderReplicas: [1] },
      { isr: [], elr: [1], leader: -1, leaderEpoch: 5 },
    ],
  ] as const;
  for (const [change, expected] of table) {
    const image = imageOf(topicRecords());
    image.replay(metadataRecord('PartitionChangeRecord', 2, structuredClone(change) as never), asOffset(9n));
    const partition = { ...image.topics.byId(TOPIC)!.partitions[0]! };
    assert.deepEqual(partition, { ...partition, ...expected });
  }
});

test('a deleted topic takes its settings and its name along', () => {
  const image = imageOf(topicRecords());
  const delta = new MetadataDelta();
  const config = { resourceType: 2, resourceName: 'a.b', name: 'retention.ms', value: '1' };
  image.replay(metadataRecord('ConfigRecord', 0, config), asOffset(3n), delta);
  assert.equal(image.topics.collidingWith('a_b'), 'a.b');
  image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: TOPIC }), asOffset(4n), delta);
  assert.equal(image.topics.byName('a.b'), undefined);
  assert.equal(image.topics.collidingWith('a_b'), undefined);
  assert.equal(image.topics.partitionCount, 0);
  assert.deepEqual([...image.configs.resources()], []);
  const change = delta.topics.get(TOPIC)!;
  assert.ok(change.deleted);
  assert.equal(change.partitions.get(asPartitionIndex(0))?.after, undefined);
  assert.equal(change.partitions.get(asPartitionIndex(0))?.before?.leader, asNodeId(1));
});

test('what was created and deleted within a delta is not in it', () => {
  const image = new MetadataImage();
  const delta = new MetadataDelta();
  for (const record of topicRecords()) image.replay(record, asOffset(1n), delta);
  image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: TOPIC }), asOffset(4n), delta);
  assert.equal(delta.topics.size, 0);
});

test('the eligible leader replicas of a topic or of all are cleared', () => {
  for (const topicName of ['a.b', '']) {
    const image = imageOf(topicRecords());
    const change = { ...structuredClone(NO_CHANGE), eligibleLeaderReplicas: [2], lastKnownElr: [3] };
    image.replay(metadataRecord('PartitionChangeRecord', 2, change as never), asOffset(4n));
    image.replay(metadataRecord('ClearElrRecord', 0, { topicName }), asOffset(5n));
    const partition = image.topics.byName('a.b')!.partitions[0]!;
    assert.deepEqual([partition.elr, partition.lastKnownElr, partition.partitionEpoch], [[], [], 9]);
  }
});

test('a record that contradicts the image is an error', () => {
  const contradictions: MetadataRecord[] = [
    metadataRecord('RemoveTopicRecord', 0, { topicId: DIRECTORY }),
    metadataRecord('TopicRecord', 0, { name: 'a.b', topicId: DIRECTORY }),
    metadataRecord('TopicRecord', 0, { name: 'c', topicId: TOPIC }),
    metadataRecord('PartitionChangeRecord', 2, { ...structuredClone(NO_CHANGE), partitionId: 1 } as never),
    metadataRecord('UnregisterBrokerRecord', 0, { brokerId: 1, brokerEpoch: 1n }),
    metadataRecord('FenceBrokerRecord', 0, { id: 1, epoch: 1n }),
    metadataRecord('UnregisterControllerRecord', 0, { controllerId: 1 }),
    metadataRecord('ClearElrRecord', 0, { topicName: 'c' }),
  ];
  for (const record of contradictions) {
    const image = imageOf(topicRecords());
    assert.throws(() => image.replay(record, asOffset(5n)), { name: 'AssertionError' }, record.type);
  }
});
