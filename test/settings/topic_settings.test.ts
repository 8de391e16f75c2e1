import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveBrokerSettings } from '../../src/settings/broker_settings.ts';
import { topicSettings } from '../../src/settings/topic_settings.ts';

const MAX_LONG = Number('9223372036854775807');

function topic(own: Record<string, string> = {}, broker: Record<string, string> = {}) {
  const { settings, problems } = resolveBrokerSettings(new Map(Object.entries(broker)), 'host');
  assert.deepEqual(problems, []);
  return topicSettings(settings, new Map(Object.entries(own)));
}

test('a topic without settings of its own has the defaults', () => {
  assert.deepEqual(topic(), {
    writeCaching: false,
    segmentBytes: 1_073_741_824,
    segmentMs: 604_800_000,
    segmentJitterMs: 0,
    segmentIndexBytes: 10_485_760,
    indexIntervalBytes: 4096,
    flushMessages: MAX_LONG,
    flushMs: MAX_LONG,
    retentionBytes: -1,
    retentionMs: 604_800_000,
    maxMessageBytes: 1_048_588,
    deleteRetentionMs: 86_400_000,
    minCompactionLagMs: 0,
    maxCompactionLagMs: MAX_LONG,
    fileDeleteDelayMs: 60_000,
    minCleanableDirtyRatio: 0.5,
    cleanupPolicy: { compact: false, delete: true },
    uncleanLeaderElectionEnable: false,
    minInsyncReplicas: 1,
    compressionType: 'producer',
    compressionGzipLevel: -1,
    compressionLz4Level: 9,
    compressionZstdLevel: 3,
    messageTimestampType: 'CreateTime',
    messageTimestampBeforeMaxMs: MAX_LONG,
    messageTimestampAfterMaxMs: 3_600_000,
    leaderReplicationThrottledReplicas: [],
    followerReplicationThrottledReplicas: [],
  });
});

test("the broker's log settings are a topic's defaults", () => {
  const settings = topic(
    { 'retention.ms': '-1', 'cleanup.policy': ' compact , delete ' },
    {
      'log.retention.hours': '1',
      'log.roll.hours': '2',
      'log.roll.jitter.hours': '3',
      'log.flush.scheduler.interval.ms': '4',
      'log.segment.bytes': '2000000',
      'log.write.caching': 'true',
      'message.max.bytes': '5',
      'log.cleanup.policy': 'compact',
    },
  );
  assert.equal(settings.retentionMs, -1);
  assert.deepEqual(settings.cleanupPolicy, { compact: true, delete: true });
  assert.equal(settings.segmentMs, 2 * 3_600_000);
  assert.equal(settings.segmentJitterMs, 3 * 3_600_000);
  assert.equal(settings.flushMs, 4);
  assert.equal(settings.segmentBytes, 2_000_000);
  assert.equal(settings.writeCaching, true);
  assert.equal(settings.maxMessageBytes, 5);
});

test('retention counts milliseconds before minutes before hours', () => {
  const cases: [Record<string, string>, number][] = [
    [{ 'log.retention.hours': '2' }, 7_200_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3' }, 180_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3', 'log.retention.ms': '4' }, 4],
    [{ 'log.retention.hours': '-1' }, -1],
  ];
  for (const [broker, expected] of cases) assert.equal(topic({}, broker).retentionMs, expected);
});

test('what a topic may not have counts as not set', () => {
  const settings = topic({ 'segment.bytes': '12', 'retention.ms': 'soon', nonsense: '1' });
  assert.equal(settings.segmentBytes, 1_073_741_824);
  assert.equal(settings.retentionMs, 604_800_000);
});

test('internal.segment.bytes goes below the bound of segment.bytes', () => {
  assert.equal(topic({ 'internal.segment.bytes': '1024' }).segmentBytes, 1024);
});

test('throttled replicas', () => {
  const all = topic({ 'leader.replication.throttled.replicas': '*' });
  assert.equal(all.leaderReplicationThrottledReplicas, '*');
  const some = topic({ 'follower.replication.throttled.replicas': '0:1, 3:101' });
  assert.deepEqual(some.followerReplicationThrottledReplicas, [
    { partition: 0, brokerId: 1 },
    { partition: 3, brokerId: 101 },
  ]);
});
