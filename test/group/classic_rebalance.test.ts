import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_PROMISED_MEMBER_IDS } from '../../src/model/limits.ts';
import { errorOf, GROUP, GroupWorld, MINUTE_MS, REBALANCE_MS, SESSION_MS } from './group_world.ts';

test('a new group waits for more members, up to the rebalance timeout', async () => {
  const world = await GroupWorld.start();
  const first = await world.join({ rebalanceMs: 7_000 });
  await world.time.advance(2_999);
  const second = await world.join({ rebalanceMs: 7_000 });
  await world.time.advance(1);
  assert.ok(first.isWaiting, 'a member came: it waits once more');
  await world.time.advance(2_999);
  const third = await world.join({ rebalanceMs: 7_000 });
  await world.time.advance(1);
  assert.ok(first.isWaiting, 'another one came');
  // 3 s and 3 s are over, and 1 s is left of the 7.
  const fourth = await world.join({ rebalanceMs: 7_000 });
  await world.time.advance(999);
  assert.ok(first.isWaiting);
  await world.time.advance(1);
  for (const each of [first, second, third, fourth]) assert.equal(each.value?.generationId, 1);
  assert.equal(first.value?.members.length, 4);
  assert.equal(first.value?.leader, first.value?.memberId);
});

test('without a delay the first member is answered at once', async () => {
  const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 0 });
  const only = await world.join();
  assert.deepEqual(
    [errorOf(only.value!), only.value?.generationId, only.value?.protocolName],
    ['NONE', 1, 'range'],
  );
});

test('a member joins: the others are told to, and the next generation has all', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, {});
  assert.equal(await world.state(), 'Stable');
  const third = await world.join();
  assert.equal(await world.heartbeat(one!), 'REBALANCE_IN_PROGRESS');
  const again = [await world.join({ memberId: one!.memberId })];
  assert.ok(third.isWaiting);
  again.push(await world.join({ memberId: two!.memberId }));
  assert.deepEqual(
    [...again, third].map(({ value }) => value?.generationId),
    [2, 2, 2],
  );
  await world.syncAll([again[0]!.value!, again[1]!.value!, third.value!]);
  assert.equal(await world.heartbeat(third.value!), 'NONE');
  assert.equal(await world.heartbeat(one!), 'ILLEGAL_GENERATION');
});

test('who does not join again within the longest rebalance timeout is left behind', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({ rebalanceMs: 40_000, sessionMs: 60_000 }, { sessionMs: 60_000 });
  const third = await world.join({ sessionMs: 60_000 });
  await world.join({ memberId: two!.memberId, sessionMs: 60_000 });
  await world.time.advance(39_999);
  assert.ok(third.isWaiting);
  await world.time.advance(1);
  assert.equal(third.value?.generationId, 2);
  assert.equal(third.value?.leader, two!.memberId, 'the leader was left behind');
  assert.equal(await world.heartbeat(one!), 'UNKNOWN_MEMBER_ID');
});

test('a static member that does not join again keeps its place until its session is over', async () => {
  const world = await GroupWorld.start();
  const members = [{ instance: 'i1', sessionMs: 60_000 }, { sessionMs: 60_000 }];
  const [, two] = await world.stable(...members);
  const third = await world.join({ sessionMs: 60_000 });
  const again = await world.join({ memberId: two!.memberId, sessionMs: 60_000 });
  await world.time.advance(REBALANCE_MS);
  assert.equal(third.value?.generationId, 2);
  assert.equal((await world.describe()).members.length, 3);
  await world.syncAll([again.value!, third.value!]);
  // It owes its sync, and is removed for that.
  await world.time.advance(REBALANCE_MS);
  assert.equal((await world.describe()).members.length, 2);
});

test('a rebalance in which nobody joins again in time waits once more', async () => {
  const world = await GroupWorld.start();
  const members = [
    { instance: 'i1', sessionMs: 5 * MINUTE_MS },
    { instance: 'i2', sessionMs: 5 * MINUTE_MS },
  ];
  const [one, two] = await world.stable(...members);
  await world.join({ instance: 'i3' });
  const third = [{ memberId: '', groupInstanceId: 'i3', reason: null }];
  await world.time.run(world.coordinator.leave(GROUP, third));
  await world.time.advance(REBALANCE_MS);
  assert.equal(await world.state(), 'PreparingRebalance');
  assert.equal(await world.heartbeat(one!, { instance: 'i1' }), 'REBALANCE_IN_PROGRESS');
  const again = await world.join({ memberId: two!.memberId, instance: 'i2', sessionMs: 5 * MINUTE_MS });
  await world.time.advance(REBALANCE_MS - 1);
  assert.ok(again.isWaiting);
  await world.time.advance(1);
  assert.deepEqual([again.value?.generationId, again.value?.leader], [2, two!.memberId]);
});

test('a silent member is removed after its session timeout, and the others rebalance', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, { sessionMs: 20_000 });
  for (let beats = 0; beats < 3; beats++) {
    await world.time.advance(SESSION_MS - 1);
    assert.equal(await world.heartbeat(one!), 'NONE');
    assert.equal(await world.heartbeat(two!), 'NONE');
  }
  await world.time.advance(SESSION_MS - 1);
  assert.equal(await world.state(), 'Stable');
  await world.time.advance(1);
  assert.equal(await world.heartbeat(one!), 'UNKNOWN_MEMBER_ID');
  assert.equal(await world.heartbeat(two!), 'REBALANCE_IN_PROGRESS');
  const again = await world.join({ memberId: two!.memberId });
  assert.equal(again.value?.generationId, 2);
});

test('commits are signs of life too', async () => {
  const world = await GroupWorld.start();
  const [one] = await world.stable({});
  for (let commits = 0; commits < 3; commits++) {
    await world.time.advance(SESSION_MS - 1);
    assert.equal(await world.commit({ member: one! }), 'NONE');
  }
});

test('a member that waits for the others need not beat; one that never had a generation may be found dead', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({ rebalanceMs: 20 * MINUTE_MS }, { sessionMs: 20 * MINUTE_MS });
  const again = await world.join({ memberId: one!.memberId, rebalanceMs: 20 * MINUTE_MS });
  const third = await world.join({ rebalanceMs: 20 * MINUTE_MS });
  await world.time.advance(5 * MINUTE_MS - 1);
  assert.ok(third.isWaiting);
  await world.time.advance(1);
  assert.equal(
    errorOf(third.value!),
    'UNKNOWN_MEMBER_ID',
    'its client may be gone: it was never heard of since',
  );
  assert.ok(again.isWaiting);
  await world.join({ memberId: two!.memberId });
  assert.equal(again.value?.generationId, 2);
});

test('an id that was given out counts as a member to be waited for, until its session is over', async () => {
  const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 0 });
  const only = await world.join({ sessionMs: 60_000 });
  await world.syncAll([only.value!]);
  const promised = await world.join({ version: 4, sessionMs: 7_000 });
  assert.equal(errorOf(promised.value!), 'MEMBER_ID_REQUIRED');
  assert.match(promised.value!.memberId, /^client-[0-9a-f]{8}-/);
  const again = await world.join({ memberId: only.value!.memberId, sessionMs: 60_000 });
  assert.ok(again.isWaiting, 'the promised member is waited for');
  await world.time.advance(7_000);
  assert.equal(again.value?.generationId, 2);
  const late = await world.join({ version: 4, memberId: promised.value!.memberId });
  assert.equal(errorOf(late.value!), 'UNKNOWN_MEMBER_ID');
});

test('so many ids are given out, and no more until some come back or are given up', async () => {
  const world = await GroupWorld.start();
  const promise = async () => errorOf((await world.join({ version: 4, sessionMs: 6_000 })).value!);
  for (let given = 0; given < MAX_PROMISED_MEMBER_IDS; given++) {
    assert.equal(await promise(), 'MEMBER_ID_REQUIRED');
  }
  assert.equal(await promise(), 'COORDINATOR_NOT_AVAILABLE');
  await world.time.advance(6_000);
  assert.equal(await promise(), 'MEMBER_ID_REQUIRED');
});

test('who does not sync within the rebalance timeout is removed', async () => {
  const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 1_000 });
  const joins = [await world.join({ sessionMs: 60_000 }), await world.join({ sessionMs: 60_000 })];
  await world.time.advance(2_000);
  const [one, two] = joins.map(({ value }) => value!);
  const waits = await world.sync(two!);
  await world.time.advance(REBALANCE_MS - 1_000);
  assert.ok(waits.isWaiting);
  assert.equal(await world.state(), 'CompletingRebalance');
  await world.time.advance(1_000);
  assert.equal(errorOf(waits.value!), 'REBALANCE_IN_PROGRESS');
  assert.equal(await world.heartbeat(one!), 'UNKNOWN_MEMBER_ID');
  assert.equal((await world.join({ memberId: two!.memberId })).value?.leader, two!.memberId);
});

test('the last member leaves: the group is empty, and its next rebalance waits for more again', async () => {
  const world = await GroupWorld.start();
  const [one] = await world.stable({});
  await world.leave(one!.memberId);
  assert.equal(await world.state(), 'Empty');
  const next = await world.join();
  await world.time.advance(2_999);
  assert.ok(next.isWaiting);
  await world.time.advance(1);
  assert.equal(next.value?.generationId, 3);
});

test('a member that leaves while the others have joined ends the rebalance', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, {});
  const third = await world.join();
  await world.join({ memberId: two!.memberId });
  assert.ok(third.isWaiting);
  await world.leave(one!.memberId);
  assert.equal(third.value?.generationId, 2);
});

test('a client that asks twice is answered twice', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, {});
  const first = await world.join({ memberId: one!.memberId });
  const second = await world.join({ memberId: one!.memberId });
  assert.equal(errorOf(first.value!), 'REBALANCE_IN_PROGRESS');
  await world.join({ memberId: two!.memberId });
  assert.equal(second.value?.generationId, 2);
});

test('a group that is full takes nobody more, and members may come back', async () => {
  const world = await GroupWorld.start({ groupMaxSize: 2 });
  const [one, two] = await world.stable({}, {});
  assert.equal(errorOf((await world.join()).value!), 'GROUP_MAX_SIZE_REACHED');
  const again = [
    await world.join({ memberId: one!.memberId }),
    await world.join({ memberId: two!.memberId }),
  ];
  assert.deepEqual(
    again.map(({ value }) => value?.generationId),
    [2, 2],
  );
});

test('a static member that comes back is told its assignment without a rebalance, unless the assignor changes', async () => {
  const world = await GroupWorld.start();
  const [leader, follower] = await world.stable({ instance: 'i1' }, { instance: 'i2' });
  const back = await world.join({ instance: 'i2', version: 9 });
  assert.deepEqual(
    [back.value?.generationId, back.value?.leader, back.value?.skipAssignment ?? false, back.value?.members],
    [1, leader!.memberId, false, []],
  );
  const synced = await world.sync(back.value!, { instance: 'i2' });
  assert.equal(synced.value?.assignment.toString(), `to ${follower!.memberId}`);
  assert.equal(await world.heartbeat(follower!, { instance: 'i2' }), 'FENCED_INSTANCE_ID');
  assert.equal(await world.heartbeat(leader!, { instance: 'i1' }), 'NONE');

  const leads = await world.join({ instance: 'i1', version: 9 });
  assert.deepEqual([leads.value?.skipAssignment, leads.value?.members.length], [true, 2]);
  assert.equal(await world.state(), 'Stable');
});

test('a static member that is replaced while it waits is fenced', async () => {
  const world = await GroupWorld.start();
  const first = await world.join({ instance: 'i1' });
  const second = await world.join({ instance: 'i1' });
  assert.equal(errorOf(first.value!), 'FENCED_INSTANCE_ID');
  await world.time.advance(6_000);
  assert.equal(second.value?.generationId, 1);
  assert.equal(second.value?.members.length, 1);
});
