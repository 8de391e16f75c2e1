import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBrokerEpoch, asLeaderEpoch, asNodeId, asOffset, type NodeId } from '../../src/model/ids.ts';
import type { IsrChange } from '../../src/replica/isr_change.ts';
import { Leadership } from '../../src/replica/leadership.ts';
import type { PartitionState } from '../../src/replica/partition_state.ts';
import { FakeCluster } from '../support/partition_world.ts';

const nodes = (...ids: number[]): NodeId[] => ids.map(asNodeId);
const MAX_LAG_MS = 1_000;

interface LogFacts {
  end: number;
  durable?: number;
  highWatermark?: number;
  start?: number;
}

/** Broker 1 leads, in epoch 3, from offset 10 on. */
class World {
  readonly cluster = new FakeCluster();
  nowMs = 0;
  log: LogFacts = { end: 10, highWatermark: 5 };
  readonly leadership: Leadership;

  constructor(isr: readonly number[] = [1, 2, 3], replicas: readonly number[] = [1, 2, 3]) {
    this.leadership = new Leadership(this.state(isr, 7, replicas), this.moment(), {
      nodeId: asNodeId(1),
      cluster: this.cluster,
      maxLagMs: () => MAX_LAG_MS,
    });
  }

  state(
    isr: readonly number[],
    partitionEpoch: number,
    replicas: readonly number[] = [1, 2, 3],
  ): PartitionState {
    return {
      leader: asNodeId(1),
      leaderEpoch: asLeaderEpoch(3),
      partitionEpoch,
      replicas: nodes(...replicas),
      isr: nodes(...isr),
    };
  }

  moment() {
    const { end, durable = end, highWatermark = 0, start = 0 } = this.log;
    const log = {
      endOffset: asOffset(BigInt(end)),
      durableOffset: asOffset(BigInt(durable)),
      highWatermark: asOffset(BigInt(highWatermark)),
      logStartOffset: asOffset(BigInt(start)),
    };
    return { log, nowMs: this.nowMs };
  }

  fetched(
    id: number,
    offset: number,
    { epoch = 7n, start = 0 }: { epoch?: bigint; start?: number } = {},
  ): void {
    const report = {
      fetchOffset: asOffset(BigInt(offset)),
      logStartOffset: asOffset(BigInt(start)),
      brokerEpoch: asBrokerEpoch(epoch),
    };
    this.leadership.fetched(this.leadership.follower(asNodeId(id))!, report, this.moment());
  }

  committed(minIsr = 1): number | undefined {
    const committed = this.leadership.committedOffset(minIsr, this.moment());
    return committed === undefined ? undefined : Number(committed);
  }

  expand(): IsrChange | undefined {
    return this.leadership.expand(this.moment());
  }

  shrink(): IsrChange | undefined {
    return this.leadership.shrink(this.moment());
  }
}

const membersOf = (change: IsrChange | undefined) => change?.members.map(member => member.id);

test('committed is what every replica in sync has', () => {
  type Case = [
    what: string,
    isr: number[],
    log: LogFacts,
    offsets: Record<number, number>,
    committed: number | undefined,
  ];
  const cases: Case[] = [
    ['the least of those in sync', [1, 2, 3], { end: 20 }, { 2: 15, 3: 12 }, 12],
    ['the leader’s own disk counts', [1, 2, 3], { end: 20, durable: 11 }, { 2: 15, 3: 12 }, 11],
    ['who has not fetched yet holds everything back', [1, 2, 3], { end: 20 }, { 2: 15 }, undefined],
    ['who is out of sync and behind does not count', [1, 2], { end: 20 }, { 2: 15, 3: 1 }, 15],
    ['the leader alone', [1], { end: 20 }, {}, 20],
  ];
  for (const [what, isr, log, offsets, committed] of cases) {
    const world = new World(isr);
    world.log = log;
    world.nowMs = MAX_LAG_MS * 5;
    for (const [id, offset] of Object.entries(offsets)) world.fetched(Number(id), offset);
    assert.equal(world.committed(), committed, what);
  }
});

test('below min.insync.replicas nothing is committed', () => {
  const world = new World([1, 2]);
  world.fetched(2, 10);
  assert.equal(world.committed(2), 10);
  assert.equal(world.committed(3), undefined);
});

test('who is about to join is waited for, while it keeps up and may join', () => {
  const world = new World([1, 2]);
  world.nowMs = 10_000;
  world.log = { end: 20 };
  world.fetched(2, 20);
  world.fetched(3, 20);
  world.log = { end: 30 };
  world.fetched(2, 30);
  assert.equal(world.committed(), 20, 'it was caught up just now');
  world.cluster.inactive.add(3);
  assert.equal(world.committed(), 30, 'it may not join');
  world.cluster.inactive.clear();
  world.nowMs += MAX_LAG_MS + 1;
  assert.equal(world.committed(), 30, 'it has not been caught up for long');
});

test('who joins counts before the controller has answered, who leaves counts until it has', () => {
  const joining = new World([1, 2]);
  joining.nowMs = 10_000;
  joining.log = { end: 20, highWatermark: 10 };
  joining.fetched(2, 20);
  joining.fetched(3, 12);
  const expand = joining.expand();
  assert.deepEqual(membersOf(expand), [1, 2, 3]);
  assert.deepEqual(joining.leadership.maximalIsr, [1, 2, 3]);
  joining.nowMs += 10 * MAX_LAG_MS;
  assert.equal(joining.committed(), 12, 'the controller may have accepted it');
  joining.leadership.refused(expand!);
  assert.equal(joining.committed(), 20);

  const leaving = new World([1, 2, 3]);
  leaving.log = { end: 20, highWatermark: 10 };
  leaving.fetched(2, 20);
  leaving.fetched(3, 12);
  leaving.nowMs = 10 * MAX_LAG_MS;
  leaving.fetched(2, 20);
  const shrink = leaving.shrink();
  assert.deepEqual(membersOf(shrink), [1, 2]);
  assert.equal(leaving.committed(), 12, 'the controller may have refused it');
  const accepted = { isr: nodes(1, 2), leaderEpoch: asLeaderEpoch(3), partitionEpoch: 8 };
  assert.equal(leaving.leadership.accepted(shrink!, accepted), true);
  assert.equal(leaving.committed(), 20);
});

test('one change at a time', () => {
  const world = new World([1]);
  world.nowMs = 10_000;
  world.fetched(2, 10);
  assert.ok(world.expand() !== undefined);
  world.fetched(3, 10);
  assert.equal(world.expand(), undefined);
  assert.equal(world.shrink(), undefined);
});

test('who may join', () => {
  type Case = [what: string, offset: number, change: (world: World) => void, joins: boolean];
  const cases: Case[] = [
    ['caught up to the high watermark and the start of the leadership', 10, () => {}, true],
    ['behind the start of the leadership', 9, () => {}, false],
    ['behind the high watermark', 11, world => Object.assign(world.log, { highWatermark: 12 }), false],
    ['fenced', 10, world => void world.cluster.fenced.add(2), false],
    ['shutting down', 10, world => void world.cluster.inactive.add(2), false],
    ['registered again since it fetched', 10, world => void world.cluster.epochs.set(2, 8n), false],
  ];
  for (const [what, offset, change, joins] of cases) {
    const world = new World([1], [1, 2]);
    world.fetched(2, offset);
    change(world);
    assert.deepEqual(membersOf(world.expand()), joins ? [1, 2] : undefined, what);
  }
});

test('a change names the registrations that the leader has seen', () => {
  const world = new World([1, 3]);
  world.cluster.epochs.set(1, 11n);
  world.fetched(2, 10);
  const epochs = world.expand()!.members.map(({ id, brokerEpoch }) => [id, brokerEpoch]);
  assert.deepEqual(epochs, [
    [1, 11n],
    [3, -1n],
    [2, 7n],
  ]);
  const untold = new World([1], [1, 2]);
  untold.fetched(2, 10, { epoch: -1n });
  assert.deepEqual(membersOf(untold.expand()), [1, 2], 'a follower that tells no epoch');
});

test('who leaves', () => {
  const world = new World();
  world.log = { end: 20 };
  world.fetched(2, 20);
  world.fetched(3, 15);
  assert.equal(world.shrink(), undefined, 'both had the time since the leadership began');
  world.nowMs = MAX_LAG_MS + 1;
  assert.deepEqual(
    membersOf(world.shrink()),
    [1, 2],
    'who has everything stays, however long ago it fetched',
  );
});

test('a follower that has what the leader had at its fetch before keeps pace', () => {
  const world = new World();
  for (const id of [2, 3]) world.fetched(id, 10);
  for (let round = 1; round <= 10; round++) {
    world.nowMs = round * 600;
    world.log = { end: 10 + round * 5 };
    // It is always one fetch behind.
    world.fetched(2, 10 + (round - 1) * 5);
    world.fetched(3, 10 + round * 5);
  }
  assert.equal(world.shrink(), undefined);
});

test('a state of the metadata ends a change that was made of an older one, and no other', () => {
  const world = new World([1, 2]);
  world.nowMs = 10_000;
  world.fetched(2, 10);
  world.fetched(3, 10);
  const change = world.expand()!;
  world.leadership.update(world.state([1, 2], 7));
  assert.equal(world.leadership.pending, change, 'told again of what it was made of');
  world.leadership.update(world.state([1, 2, 3], 8));
  assert.equal(world.leadership.pending, undefined);
  assert.deepEqual(world.leadership.isr, [1, 2, 3]);
  const late = { isr: nodes(1, 2, 3), leaderEpoch: asLeaderEpoch(3), partitionEpoch: 8 };
  assert.equal(world.leadership.accepted(change, late), false, 'the answer comes after the metadata');
});

test('an answer in another leader epoch leaves the change open: the metadata will tell', () => {
  const world = new World([1, 2]);
  world.nowMs = 10_000;
  world.fetched(2, 10);
  world.fetched(3, 10);
  const change = world.expand()!;
  const answer = { isr: nodes(1, 2, 3), leaderEpoch: asLeaderEpoch(4), partitionEpoch: 8 };
  assert.equal(world.leadership.accepted(change, answer), false);
  assert.equal(world.leadership.pending, change);
});

test('replicas that come are unknown, those that go are forgotten', () => {
  const world = new World([1, 2, 3]);
  world.fetched(2, 10);
  world.fetched(3, 10);
  world.leadership.update(world.state([1, 2], 8, [1, 2, 4]));
  assert.deepEqual(
    world.leadership.followers.map(({ id, endOffset }) => [id, endOffset]),
    [
      [2, 10n],
      [4, -1n],
    ],
  );
});

test('a leadership that goes on in a newer epoch knows its followers', () => {
  const world = new World([1, 2, 3]);
  world.fetched(2, 10);
  const next = new Leadership(
    { ...world.state([1, 2], 8, [1, 2]), leaderEpoch: asLeaderEpoch(4) },
    world.moment(),
    {
      nodeId: asNodeId(1),
      cluster: world.cluster,
      maxLagMs: () => MAX_LAG_MS,
      before: world.leadership,
    },
  );
  assert.deepEqual(
    next.followers.map(({ id, endOffset }) => [id, endOffset]),
    [[2, 10n]],
  );
});

test('the low watermark is the lowest start of the replicas that are up', () => {
  const world = new World();
  world.log = { end: 20, start: 9 };
  world.fetched(2, 20, { start: 9 });
  world.fetched(3, 20, { start: 4 });
  assert.equal(world.leadership.lowWatermark(world.moment().log), 4n);
  world.cluster.fenced.add(3);
  assert.equal(world.leadership.lowWatermark(world.moment().log), 9n);
});

test('who is cut off does not come back, though it has all that is committed', () => {
  const world = new World([1, 2, 3]);
  world.log = { end: 20, highWatermark: 15 };
  world.fetched(2, 15);
  world.fetched(3, 15);
  world.nowMs = MAX_LAG_MS + 1;
  const shrink = world.shrink();
  assert.deepEqual(membersOf(shrink), [1]);
  const accepted = { isr: nodes(1), leaderEpoch: asLeaderEpoch(3), partitionEpoch: 8 };
  assert.ok(world.leadership.accepted(shrink!, accepted));
  assert.equal(world.expand(), undefined, 'nobody has fetched since');
  world.nowMs += 1;
  world.fetched(3, 15);
  assert.deepEqual(membersOf(world.expand()), [1, 3]);
});

test('who has not fetched for long does not join', () => {
  const world = new World([1, 2]);
  world.log = { end: 20, highWatermark: 20 };
  world.fetched(3, 20);
  world.nowMs = MAX_LAG_MS + 1;
  assert.equal(world.expand(), undefined);
  world.fetched(3, 20);
  assert.deepEqual(membersOf(world.expand()), [1, 2, 3]);
});
