import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { errorOf, GROUP, GroupWorld, REBALANCE_MS, SESSION_MS } from './group_world.ts';

test('an assignment counts when it is committed, and not before', async () => {
  const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 0 });
  const { value: member } = await world.join();
  world.log.commitsAtOnce = false;
  const synced = await world.sync(member!, { assigned: [member!.memberId] });
  assert.ok(synced.isWaiting);
  world.log.commit();
  await world.settle();
  assert.equal(synced.value?.assignment.toString(), `to ${member!.memberId}`);
});

test('an assignment that can’t be written is told to all who wait, and they rebalance', async () => {
  const cases: [number, string][] = [
    [Errors.NOT_ENOUGH_REPLICAS, 'COORDINATOR_NOT_AVAILABLE'],
    [Errors.NOT_LEADER_OR_FOLLOWER, 'NOT_COORDINATOR'],
    [Errors.MESSAGE_TOO_LARGE, 'UNKNOWN_SERVER_ERROR'],
  ];
  for (const [refused, told] of cases) {
    const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 1_000 });
    const joins = [await world.join(), await world.join()];
    await world.time.advance(2_000);
    const [leader, follower] = joins.map(({ value }) => value!);
    const waits = await world.sync(follower!);
    world.log.refusal = new Failure(refused as never, 'refused');
    const leads = await world.sync(leader!, { assigned: [leader!.memberId, follower!.memberId] });
    assert.deepEqual([errorOf(waits.value!), errorOf(leads.value!)], [told, told]);
    world.log.refusal = undefined;
    assert.equal(await world.state(), 'PreparingRebalance');
    const again = [
      await world.join({ memberId: leader!.memberId }),
      await world.join({ memberId: follower!.memberId }),
    ];
    assert.deepEqual(
      again.map(({ value }) => value?.generationId),
      [2, 2],
    );
  }
});

test('an assignment that is not committed in time is lost', async () => {
  const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 0 });
  const { value: member } = await world.join();
  world.log.commitsAtOnce = false;
  const synced = await world.sync(member!, { assigned: [member!.memberId] });
  await world.time.advance(5_000);
  assert.equal(errorOf(synced.value!), 'COORDINATOR_NOT_AVAILABLE');
});

test('a group whose first record is refused is not there, and who joined it is told', async () => {
  const world = await GroupWorld.start();
  world.log.refusal = new Failure(Errors.NOT_ENOUGH_REPLICAS, 'refused');
  const joined = await world.join();
  assert.equal(errorOf(joined.value!), 'COORDINATOR_NOT_AVAILABLE');
  world.log.refusal = undefined;
  assert.equal(await world.state(), 'Dead');
  const [member] = await world.stable({});
  assert.equal(member!.generationId, 1);
});

test('a static member keeps its old id when its new one can’t be written', async () => {
  const world = await GroupWorld.start();
  const [member] = await world.stable({ instance: 'i1' });
  world.log.refusal = new Failure(Errors.NOT_ENOUGH_REPLICAS, 'refused');
  const back = await world.join({ instance: 'i1' });
  assert.equal(errorOf(back.value!), 'COORDINATOR_NOT_AVAILABLE');
  world.log.refusal = undefined;
  assert.equal(await world.heartbeat(member!, { instance: 'i1' }), 'NONE');
});

test('that a group became empty is written again when the log refused it', async () => {
  const world = await GroupWorld.start();
  const [one] = await world.stable({}, { sessionMs: 60_000 });
  await world.leave(one!.memberId);
  // The other one does not join again: nobody is left.
  await world.time.advance(REBALANCE_MS - 1);
  assert.equal(await world.state(), 'PreparingRebalance');
  world.log.refusal = new Failure(Errors.NOT_ENOUGH_REPLICAS, 'refused');
  await world.time.advance(1);
  assert.equal(await world.state(), 'Empty');
  world.log.refusal = undefined;
  await world.time.advance(1_000);
  await world.restart();
  assert.equal(await world.state(), 'Empty');
});

test('when the partition moves, all that waits is told to look for the coordinator', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, {});
  const joins = await world.join();
  world.resign();
  await world.settle();
  assert.equal(errorOf(joins.value!), 'NOT_COORDINATOR');
  assert.equal(await world.heartbeat(one!), 'NOT_COORDINATOR');
  assert.equal(await world.commit({ member: two! }), 'NOT_COORDINATOR');

  const other = await GroupWorld.start({ groupInitialRebalanceDelayMs: 1_000 });
  const members = [await other.join(), await other.join()];
  await other.time.advance(2_000);
  const waits = await other.sync(members[1]!.value!);
  other.coordinator.close();
  await other.settle();
  assert.equal(errorOf(waits.value!), 'NOT_COORDINATOR');
});

test('the next coordinator has the groups as they were when they were last stable', async () => {
  const world = await GroupWorld.start();
  const members = [{ instance: 'i1' }, {}];
  const [one, two] = await world.stable(...members);
  await world.commit({ member: one! });
  await world.commit({ group: 'simple' });
  const before = await world.describe();
  await world.restart();
  assert.deepEqual(await world.describe(), before);
  assert.equal(before.groupState, 'Stable');
  assert.deepEqual([await world.committed(), await world.committed('events', 'simple')], [42, 42]);
  assert.equal(await world.state('simple'), 'Empty');
  assert.equal(await world.heartbeat(one!, { instance: 'i1' }), 'NONE');
  assert.equal((await world.sync(two!)).value?.assignment.toString(), `to ${two!.memberId}`);
  // Sessions began anew with the new coordinator.
  await world.time.advance(SESSION_MS - 1);
  assert.equal(await world.heartbeat(two!), 'NONE');
  await world.time.advance(1);
  assert.equal(await world.heartbeat(two!), 'REBALANCE_IN_PROGRESS');
});

test('a rebalance that was under way begins anew at the next coordinator', async () => {
  const world = await GroupWorld.start();
  const [one, two] = await world.stable({}, {});
  await world.join({ memberId: one!.memberId });
  await world.restart();
  assert.equal(await world.state(), 'Stable');
  const again = [
    await world.join({ memberId: one!.memberId }),
    await world.join({ memberId: two!.memberId }),
  ];
  assert.deepEqual(
    again.map(({ value }) => value?.generationId),
    [2, 2],
  );
});

test('deleted groups and offsets stay deleted', async () => {
  const world = await GroupWorld.start();
  await world.commit();
  const [deleted] = await world.time.run(world.coordinator.delete([GROUP]));
  assert.equal(errorOf(deleted!), 'NONE');
  await world.restart();
  assert.equal(await world.state(), 'Dead');
  assert.equal(await world.committed(), -1);
});

test('a group above the size that is allowed now is rebalanced when it is loaded', async () => {
  const world = await GroupWorld.start();
  await world.stable({}, {}, {});
  world.settings = { ...world.settings, groupMaxSize: 2 };
  await world.restart();
  assert.equal(await world.state(), 'PreparingRebalance');
});

test('while groups are loaded heartbeats are fine and everything else has to be tried again', async () => {
  const world = await GroupWorld.start();
  const [one] = await world.stable({});
  let open = () => {};
  world.log.readGate = new Promise(resolve => {
    open = resolve;
  });
  await world.restart();
  assert.equal(await world.heartbeat(one!), 'NONE');
  assert.equal(await world.commit({ member: one! }), 'COORDINATOR_LOAD_IN_PROGRESS');
  assert.equal(errorOf((await world.join()).value!), 'COORDINATOR_LOAD_IN_PROGRESS');
  const listed = await world.time.run(world.coordinator.list([], []));
  assert.ok(listed instanceof Failure && listed.code === Errors.COORDINATOR_LOAD_IN_PROGRESS);
  open();
  await world.settle();
  assert.equal(await world.commit({ member: one! }), 'NONE');
});

test('records of types that are not known, and those that are none, are left out', async () => {
  const world = await GroupWorld.start();
  await world.commit();
  const unknown = Buffer.from([0x7f, 0xff, 1]);
  const broken = Buffer.from([0, 1, 0]);
  world.appendRecords([
    { key: unknown, value: Buffer.from('x') },
    { key: broken, value: Buffer.from('x') },
    { key: Buffer.from([0, 2, 0, 1, 0x67]), value: Buffer.from([0, 99]) },
    { key: Buffer.alloc(0), value: null },
  ]);
  await world.restart();
  assert.equal(await world.committed(), 42);
  assert.equal(world.logger.lines.filter(({ level }) => level === 'error').length, 2);
});
