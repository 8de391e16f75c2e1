import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import { asLeaderEpoch, asNodeId } from '../../src/model/ids.ts';
import { MAX_EVENT_ITEMS, MAX_REMEMBERED_CHANGES } from '../../src/model/limits.ts';
import { type ClusterChange, ClusterChanges } from '../../src/monitor/cluster_changes.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ImageBuilder } from '../support/image_builder.ts';

const all = [1, 2, 3];

/** A cluster of three brokers with one partition, and what is told of a change of it. */
function told(change: (image: ImageBuilder) => unknown): { told: ClusterChange[]; changes: ClusterChanges } {
  const changes = new ClusterChanges(new SimulatedClock(new SimulatedTime()));
  const image = new ImageBuilder().broker(1).broker(2).broker(3).partition('t', 0, { replicas: all });
  changes.metadataChanged(new MetadataDelta());
  const seen: ClusterChange[] = [];
  changes.watch(some => seen.push(...some));
  image.delta = new MetadataDelta();
  change(image);
  changes.metadataChanged(image.delta);
  return { told: seen, changes };
}

const TABLE: readonly (readonly [
  what: string,
  change: (image: ImageBuilder) => unknown,
  texts: readonly string[],
])[] = [
  ['a broker that dies', image => image.fence(2), ['Broker 2 is not alive: it leads nothing any more']],
  ['a new broker', image => image.broker(4, { fenced: true }), ['Broker 4 has registered']],
  [
    'a leader that moves, with an in-sync replica less',
    image => image.partition('t', 0, { replicas: all, isr: [2, 3], leader: 2, leaderEpoch: 1 }),
    ['t-0 is led by 2, no more by 1', '1 partition lost in-sync replicas'],
  ],
  [
    'a partition that nobody leads',
    image => image.partition('t', 0, { replicas: all, leader: -1, leaderEpoch: 1 }),
    ['t-0 is led by nobody, no more by 1'],
  ],
  ['a topic that comes', image => image.partition('u', 0, { replicas: all }), ['Topic u was created']],
  [
    'a topic that gets partitions',
    image => image.partition('t', 1, { replicas: all }),
    ['Topic t was changed'],
  ],
  [
    'a topic that has other settings',
    image => image.topicSetting('t', 'retention.ms', '1'),
    ['Topic t was changed'],
  ],
];

describe('what is told of a change in the cluster', () => {
  for (const [what, change, texts] of TABLE) {
    test(what, () => {
      assert.deepEqual(
        told(change).told.map(({ text }) => text),
        texts,
      );
    });
  }

  test('nothing of what was so when the node came, nor of the leader that there was', () => {
    const changes = new ClusterChanges(new SimulatedClock(new SimulatedTime()));
    const image = new ImageBuilder();
    image.delta = new MetadataDelta();
    image.broker(1).partition('t', 0, { replicas: [1] });
    changes.metadataChanged(image.delta);
    changes.leaderChanged({ leaderId: asNodeId(1), epoch: asLeaderEpoch(3) });
    changes.leaderChanged({ leaderId: asNodeId(1), epoch: asLeaderEpoch(3) });
    assert.deepEqual(changes.recent, []);
    for (const epoch of [4, 5]) changes.leaderChanged({ leaderId: undefined, epoch: asLeaderEpoch(epoch) });
    changes.leaderChanged({ leaderId: asNodeId(2), epoch: asLeaderEpoch(6) });
    assert.deepEqual(
      changes.recent.map(({ text }) => text),
      ['Nobody leads the quorum as far as this node knows', 'Node 2 is the active controller, in epoch 6'],
    );
  });

  test('since when a broker is as it is', () => {
    const { changes } = told(image => image.fence(2));
    assert.equal(changes.brokerSinceMs(asNodeId(1)), undefined);
    assert.equal(typeof changes.brokerSinceMs(asNodeId(2)), 'number');
  });

  test('many moves are counted by their ways, and not all listed', () => {
    const { told: seen } = told(image => {
      for (let index = 1; index <= MAX_EVENT_ITEMS + 5; index++)
        image.partition('t', index, { replicas: all });
      image.delta = new MetadataDelta();
      for (let index = 1; index <= MAX_EVENT_ITEMS + 5; index++) {
        image.partition('t', index, { replicas: all, leader: 3, leaderEpoch: 1 });
      }
    });
    const [moves] = seen;
    assert.equal(moves?.text, `${MAX_EVENT_ITEMS + 5} partitions that broker 1 led are led by 3 now`);
    assert.ok(moves?.kind === 'leaders' && moves.isCut && moves.moves.length === MAX_EVENT_ITEMS);
    assert.equal(moves.count, MAX_EVENT_ITEMS + 5);
  });

  test('so many are remembered; who does not watch any more is told nothing', () => {
    const changes = new ClusterChanges(new SimulatedClock(new SimulatedTime()));
    let count = 0;
    const unwatch = changes.watch(() => count++);
    for (let epoch = 0; epoch < MAX_REMEMBERED_CHANGES + 10; epoch++) {
      if (epoch === 5) unwatch();
      changes.leaderChanged({ leaderId: asNodeId(1), epoch: asLeaderEpoch(epoch) });
    }
    assert.equal(changes.recent.length, MAX_REMEMBERED_CHANGES);
    assert.equal(count, 4);
  });
});
