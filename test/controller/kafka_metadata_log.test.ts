import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import { decodeMetadataRecord, encodeMetadataRecord } from '../../src/controller/metadata_record.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asNodeId, asOffset, type Offset, offsetAfter } from '../../src/model/ids.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';
import { contentOf } from './arbitrary_metadata.ts';

/*
 * What one node of Kafka 4.3.1 wrote while its tools created, changed and deleted things, and its snapshot as of
 * just before the end. The facts below are what the tools described.
 */

const SNAPSHOT_END_OFFSET = 243n;
const FILES = new URL('../fixtures/controller/', import.meta.url);

interface StoredRecord {
  readonly offset: Offset;
  readonly value: Buffer;
}

function* recordsOf(file: string): Iterable<StoredRecord> {
  const split = splitBatches(readFileSync(new URL(file, FILES)));
  assert.equal(split.failure, undefined);
  for (const batch of split.batches) {
    if (batch.isControl) continue;
    const records = readRecords(batch, 1 << 20);
    assert.ok(!failed(records));
    for (const [index, record] of records.entries()) {
      assert.ok(record.value !== null);
      yield { offset: offsetAfter(batch.baseOffset, index), value: record.value };
    }
  }
}

function replay(file: string, until?: Offset): MetadataImage {
  const image = new MetadataImage();
  for (const { offset, value } of recordsOf(file)) {
    if (until !== undefined && offset > until) break;
    const record = decodeMetadataRecord(value);
    assert.ok(!(record instanceof Failure), String(record));
    assert.ok(encodeMetadataRecord(record).equals(value), `${record.type} at ${offset}`);
    image.replay(record, offset);
    image.lastOffset = offset;
  }
  return image;
}

test("the log of Kafka 4.3.1 gives what Kafka's snapshot says", () => {
  const fromLog = replay('kafka_4_3_1.log', asOffset(SNAPSHOT_END_OFFSET - 1n));
  const fromSnapshot = replay('kafka_4_3_1.checkpoint');
  // Kafka forgets to drop the settings of a topic that is created and deleted within what it loads at once.
  const forgotten = { type: ConfigResourceType.TOPIC, name: 'gone' };
  assert.equal(fromLog.configs.of(forgotten).size, 0);
  fromSnapshot.configs.removeTopic('gone', undefined);
  assert.deepEqual(contentOf(fromLog), contentOf(fromSnapshot));
});

test("the log gives what Kafka's tools described", () => {
  const image = replay('kafka_4_3_1.log', asOffset(174n));
  assert.deepEqual(
    [...image.topics.all()].map(topic => [topic.name, topic.id, topic.partitions.length]).sort(),
    [
      ['a.b', 'y4rsNjLhQDKhfO3Px5aY-A', 4],
      ['orders', 'SvaD7h5aRGqV28uzGCHu7Q', 3],
    ],
  );
  image.topics.forEachPartition(partition => {
    const { leader, replicas, isr, elr, lastKnownElr } = partition;
    assert.deepEqual([leader, replicas, isr, elr, lastKnownElr], [1, [1], [1], [], []]);
  });
  const configs = (type: number, name: string) => Object.fromEntries(image.configs.of({ type, name }));
  assert.deepEqual(configs(ConfigResourceType.TOPIC, 'orders'), {
    'cleanup.policy': 'compact,delete',
    'min.insync.replicas': '1',
    'retention.ms': '86400000',
  });
  assert.deepEqual(configs(ConfigResourceType.BROKER, ''), {
    'log.retention.ms': '604800000',
    'min.insync.replicas': '1',
  });
  assert.deepEqual(configs(ConfigResourceType.BROKER, '1'), { 'log.cleaner.threads': '2' });
  assert.deepEqual(configs(ConfigResourceType.GROUP, 'g1'), { 'consumer.session.timeout.ms': '50000' });
  assert.deepEqual(Object.fromEntries(image.features.levels), {
    'eligible.leader.replicas.version': 1,
    'group.version': 1,
    'metadata.version': 30,
    'share.version': 1,
    'streams.version': 1,
    'transaction.version': 2,
  });
  const broker = image.cluster.brokers.get(asNodeId(1))!;
  assert.deepEqual([broker.epoch, broker.rack, broker.fenced], [16n, 'r1', false]);
  assert.deepEqual([image.acls.size, image.scramCredentials.size, image.clientQuotas.size], [1, 1, 2]);
  assert.equal(image.nextProducerId, 1000n);
});

test('a clean end of the only broker leaves its partitions an eligible leader', () => {
  const image = replay('kafka_4_3_1.log');
  image.topics.forEachPartition(partition => {
    const { leader, isr, elr, lastKnownElr, leaderEpoch, partitionEpoch } = partition;
    assert.deepEqual([leader, isr, elr, lastKnownElr], [-1, [], [1], [1]]);
    assert.deepEqual([leaderEpoch, partitionEpoch], [3, 3]);
  });
  assert.equal(image.cluster.brokers.get(asNodeId(1))?.fenced, true);
});

test("Kafka's bootstrap checkpoint sets the features", () => {
  const image = replay('kafka_4_3_1_bootstrap.checkpoint');
  assert.equal(image.metadataVersion, 30);
  assert.equal(image.features.levelOf('eligible.leader.replicas.version'), 1);
});
