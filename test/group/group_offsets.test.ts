import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupWorld, MINUTE_MS } from './group_world.ts';

const RETENTION_MINUTES = 60;
const RETENTION_MS = RETENTION_MINUTES * MINUTE_MS;
const CHECK_MS = 1_000;

function start() {
  return GroupWorld.start({
    offsetsRetentionMinutes: RETENTION_MINUTES,
    offsetsRetentionCheckIntervalMs: CHECK_MS,
  });
}

test('offsets of a group that only stores offsets expire by their commits, and the group with the last', async () => {
  const world = await start();
  world.topics.set('others', 'T0000000000000000000BA');
  await world.commit();
  await world.time.advance(RETENTION_MS / 2);
  await world.commit({ topic: 'others' });
  await world.time.advance(RETENTION_MS / 2 + CHECK_MS);
  assert.deepEqual([await world.committed(), await world.committed('others')], [-1, 42]);
  assert.equal(await world.state(), 'Empty');
  await world.time.advance(RETENTION_MS / 2 + CHECK_MS);
  assert.equal(await world.committed('others'), -1);
  assert.equal(await world.state(), 'Dead');
});

test('offsets of a group with members expire from when it became empty', async () => {
  const world = await start();
  const [member] = await world.stable({ sessionMs: 30 * MINUTE_MS });
  await world.commit({ member: member! });
  for (let elapsed = 0; elapsed < 3 * RETENTION_MS; elapsed += 20 * MINUTE_MS) {
    await world.time.advance(20 * MINUTE_MS);
    assert.equal(await world.heartbeat(member!), 'NONE');
  }
  assert.equal(await world.committed(), 42, 'it subscribes to the topic');
  await world.leave(member!.memberId);
  await world.time.advance(RETENTION_MS - CHECK_MS);
  assert.equal(await world.committed(), 42);
  await world.restart();
  await world.time.advance(2 * CHECK_MS);
  assert.equal(await world.committed(), -1);
  assert.equal(await world.state(), 'Dead');
});

test('offsets of topics that a stable group does not subscribe to expire by their commits', async () => {
  const world = await start();
  world.topics.set('others', 'T0000000000000000000BA');
  const [member] = await world.stable({ sessionMs: 30 * MINUTE_MS });
  await world.commit({ member: member! });
  await world.commit({ member: member!, topic: 'others' });
  for (let beats = 0; beats < 4; beats++) {
    await world.time.advance(20 * MINUTE_MS);
    await world.heartbeat(member!);
  }
  assert.deepEqual([await world.committed(), await world.committed('others')], [42, -1]);
});

test('offsets of a group whose subscriptions can’t be read do not expire while it has members', async () => {
  const world = await start();
  const [member] = await world.stable({ sessionMs: 30 * MINUTE_MS, protocolType: 'connect' });
  await world.commit({ member: member! });
  for (let beats = 0; beats < 4; beats++) {
    await world.time.advance(20 * MINUTE_MS);
    await world.heartbeat(member!);
  }
  assert.equal(await world.committed(), 42);
});

test('a client that chose the retention itself has it', async () => {
  const world = await start();
  await world.commit({ retentionMs: BigInt(2 * MINUTE_MS), version: 2 });
  await world.restart();
  await world.time.advance(2 * MINUTE_MS - CHECK_MS);
  assert.equal(await world.committed(), 42);
  await world.time.advance(2 * CHECK_MS);
  assert.equal(await world.committed(), -1);
});

test('a group that nobody came into is dropped at the next check', async () => {
  const world = await start();
  await world.join({ version: 4, sessionMs: 6_000 });
  assert.equal(await world.state(), 'Empty');
  await world.time.advance(CHECK_MS);
  assert.equal(await world.state(), 'Dead');
});

test('offsets of topics that are deleted go with them, at once or when the coordinator is back', async () => {
  const world = await start();
  world.topics.set('others', 'T0000000000000000000BA');
  await world.commit();
  await world.commit({ topic: 'others' });
  world.topics.delete('events');
  world.coordinator.topicsDeleted(['events']);
  await world.settle();
  assert.deepEqual([await world.committed(), await world.committed('others')], [-1, 42]);

  // Deleted and made again while nobody coordinated: the offsets are of the one before.
  world.resign();
  world.topics.set('others', 'T0000000000000000000CA');
  await world.lead();
  await world.settle();
  assert.equal(await world.committed('others'), -1);
});

test('offsets of a topic that was made again meanwhile are not told for the new one', async () => {
  const world = await start();
  await world.commit();
  world.topics.set('events', 'T0000000000000000000CA');
  assert.equal(await world.committed(), -1);
});

test('many groups are gone through some at a time, and none is left out', async () => {
  const world = await start();
  const count = 12_000;
  for (let group = 0; group < count; group++) await world.commit({ group: `group ${group}` });
  const appendedBefore = world.log.batches.length;
  await world.time.advance(RETENTION_MS + CHECK_MS);
  const listed = await world.time.run(world.coordinator.list([], []));
  assert.deepEqual(listed, []);
  assert.ok(world.log.batches.length - appendedBefore >= 2);
});
