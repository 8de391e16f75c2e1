import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerParts } from '../../src/broker/broker_parts.ts';
import { RequestStatistics } from '../../src/broker/request_statistics.ts';
import { asNodeId } from '../../src/model/ids.ts';
import { ClusterOffsets } from '../../src/monitor/cluster_offsets.ts';
import { HISTORY_INTERVAL_MS, HISTORY_SAMPLES, History } from '../../src/monitor/history.ts';
import type { MetadataWatch } from '../../src/monitor/metadata_watch.ts';
import { TopicStatistics } from '../../src/replica/topic_statistics.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ImageBuilder } from '../support/image_builder.ts';

/** A history of a node whose counters the test turns. */
function watched() {
  const time = new SimulatedTime();
  const clock = new SimulatedClock(time);
  const topicStatistics = new TopicStatistics();
  const offsets = new ClusterOffsets();
  const watch = { isrShrinks: 0 };
  const parts = {
    nodeId: asNodeId(1),
    replicas: { topicStatistics },
    requests: new RequestStatistics(clock),
    listeners: { connectionCount: 7 },
    metadata: { image: new ImageBuilder().partition('t', 0, { replicas: [1, 2], isr: [1] }).image },
  };
  const source = { parts: parts as unknown as BrokerParts, watch: watch as MetadataWatch, offsets };
  const history = new History(clock, () => source);
  history.start();
  return { time, history, topicStatistics, offsets, watch };
}

test('a sample is what came in the interval, a second', async () => {
  const { history, time, topicStatistics, watch } = watched();
  await time.advance(HISTORY_INTERVAL_MS);
  assert.deepEqual(history.read({}).timesMs, [], 'one look alone is no difference');
  topicStatistics.add('t', 'bytesIn', 50_000);
  topicStatistics.add('t', 'messagesIn', 100);
  watch.isrShrinks = 3;
  await time.advance(2 * HISTORY_INTERVAL_MS);
  const { node, timesMs, topics } = history.read({});
  assert.equal(timesMs.length, 2);
  assert.ok(timesMs.every(each => each % HISTORY_INTERVAL_MS === 0));
  assert.deepEqual(node.bytesIn, [5_000, 0]);
  assert.deepEqual(node.messagesIn, [10, 0]);
  assert.deepEqual(node.isrShrinks, [3, 0]);
  assert.deepEqual(node.connections, [7, 7]);
  assert.deepEqual(node.underReplicated, [1, 1]);
  assert.deepEqual(node.produceP99Ms, [null, null]);
  assert.deepEqual(topics, [{ name: 't', bytesIn: [5_000, 0], bytesOut: [0, 0], messagesIn: [10, 0] }]);
});

test('the lag of groups, and by partition of the one that is asked for', async () => {
  const { history, offsets, time } = watched();
  const group = (id: string, at: bigint) => ({
    id,
    type: 'classic',
    state: 'Stable',
    members: 1,
    offsets: new Map([['t', new Map([[0, at]])]]),
  });
  offsets.set('t', 0, { oldest: 0n, end: 100n });
  offsets.setGroups(new Map([group('slow', 40n), group('fast', 99n)].map(each => [each.id, each])));
  await time.advance(2 * HISTORY_INTERVAL_MS);
  assert.deepEqual(history.read({}).groups, [
    { id: 'slow', lag: [60] },
    { id: 'fast', lag: [1] },
  ]);
  const { groupPartitions, groups } = history.read({ group: 'fast' });
  assert.deepEqual(groups, [{ id: 'fast', lag: [1] }]);
  assert.deepEqual(groupPartitions, [{ topic: 't', partition: 0, lag: [1] }]);
});

test('an hour is remembered, and no more', async () => {
  const { history, time } = watched();
  await time.advance((HISTORY_SAMPLES + 20) * HISTORY_INTERVAL_MS);
  const { node, timesMs } = history.read({});
  assert.equal(timesMs.length, HISTORY_SAMPLES);
  assert.equal(node.connections.length, HISTORY_SAMPLES);
});
