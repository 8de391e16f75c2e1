import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import { asLeaderEpoch, asNodeId } from '../../src/model/ids.ts';
import { MAX_RECENT_EVENTS } from '../../src/model/limits.ts';
import { MetadataWatch } from '../../src/monitor/metadata_watch.ts';
import { RecentEvents } from '../../src/monitor/recent_events.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ImageBuilder } from '../support/image_builder.ts';

const all = [1, 2, 3];
const COUNTS = ['isrShrinks', 'isrExpands', 'elections', 'uncleanElections', 'timedOutBrokers'] as const;
type Counts = Partial<Record<(typeof COUNTS)[number], number>>;

interface Case {
  readonly what: string;
  /** At first: a partition that node 1 leads, with all in sync. */
  readonly change: (image: ImageBuilder) => unknown;
  readonly counted: Counts;
  readonly unclean?: readonly string[];
  readonly isrChanges?: readonly string[];
}

const p = (image: ImageBuilder, isr: readonly number[], leader: number, leaderEpoch = 0) =>
  image.partition('t', 0, { replicas: all, isr, leader, leaderEpoch });

const TABLE: readonly Case[] = [
  {
    what: 'a new topic is no change',
    change: image => image.partition('u', 0, { replicas: all }),
    counted: {},
  },
  {
    what: 'an in-sync replica is lost',
    change: image => p(image, [1, 2], 1),
    counted: { isrShrinks: 1 },
    isrChanges: ['t-0'],
  },
  {
    what: 'another takes over from the in-sync replicas',
    change: image => p(image, [2, 3], 2, 1),
    counted: { elections: 1 },
    isrChanges: ['t-0'],
  },
  {
    what: 'a leader is elected that was in sync with nobody',
    change: image => {
      p(image, [2], -1, 1);
      image.delta = new MetadataDelta();
      p(image, [1], 1, 2);
    },
    counted: { elections: 1, uncleanElections: 1, isrShrinks: 1, isrExpands: 1 },
    unclean: ['t-0'],
    isrChanges: ['t-0'],
  },
  { what: 'the leader stays in another epoch', change: image => p(image, all, 1, 1), counted: {} },
  { what: 'nobody leads', change: image => p(image, all, -1, 1), counted: {} },
  { what: 'a broker is fenced', change: image => image.fence(3), counted: { timedOutBrokers: 1 } },
];

for (const { what, change, counted, unclean = [], isrChanges = [] } of TABLE) {
  for (const isActive of [true, false]) {
    test(`${what}, seen by ${isActive ? 'the active controller' : 'another node'}`, () => {
      const watch = new MetadataWatch({
        nodeId: asNodeId(1),
        clock: new SimulatedClock(new SimulatedTime()),
        isActiveController: () => isActive,
      });
      const builder = new ImageBuilder().broker(1).broker(2).broker(3);
      p(builder, all, 1);
      builder.delta = new MetadataDelta();
      change(builder);
      watch.metadataChanged(builder.delta, builder.image);
      const ofCluster = new Set<string>(['elections', 'uncleanElections', 'timedOutBrokers']);
      for (const name of COUNTS) {
        const expected = isActive || !ofCluster.has(name) ? (counted[name] ?? 0) : 0;
        assert.equal(watch[name], expected, name);
      }
      assert.deepEqual(watch.recentUncleanElections.within(1000), unclean);
      assert.deepEqual(watch.recentIsrChanges.within(1000), isrChanges);
    });
  }
}

test('new leaders of the quorum are counted once; the one that was there is no news', () => {
  const watch = new MetadataWatch({
    nodeId: asNodeId(1),
    clock: new SimulatedClock(new SimulatedTime()),
    isActiveController: () => false,
  });
  for (const [leader, epoch] of [
    [undefined, 1],
    [2, 1],
    [2, 1],
    [undefined, 2],
    [3, 2],
  ] as const)
    watch.leaderChanged({
      leaderId: leader === undefined ? undefined : asNodeId(leader),
      epoch: asLeaderEpoch(epoch),
    });
  assert.equal(watch.controllerChanges, 2);
  assert.deepEqual(watch.recentControllerChanges.within(1000), ['3']);
});

test('events are remembered for as long as they are asked for, and so many of them', async () => {
  const time = new SimulatedTime();
  const events = new RecentEvents(new SimulatedClock(time));
  events.add('a');
  await time.advance(100);
  events.add('b');
  assert.deepEqual(events.within(101), ['a', 'b']);
  assert.deepEqual(events.within(100), ['b']);
  await time.advance(100);
  assert.deepEqual(events.within(100), []);
  for (let index = 0; index <= MAX_RECENT_EVENTS; index++) events.add(String(index));
  const kept = events.within(1);
  assert.equal(kept.at(-1), String(MAX_RECENT_EVENTS));
  assert.ok(kept.length <= MAX_RECENT_EVENTS);
});
