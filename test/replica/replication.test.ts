import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { ReplicaWorld } from '../support/replica_world.ts';

const acknowledged = (sent: { outcome: unknown }) => sent.outcome === 'acknowledged';

test('records reach all replicas, and are acknowledged when they are on every disk', async () => {
  const world = await new ReplicaWorld({ syncMs: 3 }).start();
  const leader = world.leader();
  const sent = Array.from({ length: 20 }, (_, at) => leader.produce(`v${at}`));
  await world.until(() => sent.every(acknowledged), 'all are acknowledged', 200);
  for (const id of world.ids) {
    const machine = world.machine(id);
    assert.equal(machine.log().durableOffset, 20n, `durable on broker ${id}`);
    assert.deepEqual(
      [...(await machine.values()).values()],
      sent.map(each => each.value),
    );
  }
  assert.ok(world.time.nowMs < 300, `within ${world.time.nowMs} ms`);
});

test('a record is not acknowledged while a replica in sync has it only in its cache', async () => {
  const world = await new ReplicaWorld().start();
  const slow = world.machine(3);
  slow.disk.faults = ({ kind }) => (kind === 'sync' ? { delayMs: 100 } : undefined);
  const sent = world.leader().produce('v');
  await world.time.advance(80);
  assert.equal(slow.log().endOffset, 1n, 'the follower has it');
  assert.equal(slow.log().durableOffset, 0n, 'not on its disk');
  assert.equal(sent.outcome, 'waiting');
  await world.until(() => acknowledged(sent), 'acknowledged', 200);
});

test('with write.caching it is acknowledged from the caches', async () => {
  const world = await new ReplicaWorld({ topic: { 'write.caching': 'true' } }).start();
  for (const id of world.ids) {
    world.machine(id).disk.faults = ({ kind }) => (kind === 'sync' ? { delayMs: 10_000 } : undefined);
  }
  const sent = world.leader().produce('v');
  await world.until(() => acknowledged(sent), 'acknowledged', 50);
});

test('followers learn the high watermark with the next answer', async () => {
  const world = await new ReplicaWorld().start();
  const sent = world.leader().produce('v');
  await world.until(() => acknowledged(sent), 'acknowledged');
  await world.until(
    () => world.ids.every(id => world.machine(id).log().highWatermark === 1n),
    'all know',
    150,
  );
});

test('a slow partition does not hold the others up', async () => {
  const world = await new ReplicaWorld({ partitions: 4, brokers: 2 }).start();
  const leader = world.machine(1);
  const follower = world.machine(2);
  const slowIndex = 0;
  follower.disk.faults = ({ kind, path }) =>
    kind === 'sync' && path.includes(`events-${slowIndex}/`) ? { delayMs: 3_000 } : undefined;
  const slow = leader.produce('slow', slowIndex);
  await world.time.advance(10);
  for (let round = 0; round < 10; round++) {
    const quick = leader.produce(`quick${round}`, 2);
    await world.until(() => acknowledged(quick), 'the other partition goes on', 100);
  }
  assert.equal(slow.outcome, 'waiting');
  await world.until(() => acknowledged(slow), 'the slow one too', 10_000);
});

test('many partitions go in one request', async () => {
  const world = await new ReplicaWorld({ partitions: 30 }).start();
  await world.time.advance(1_000);
  const sent = world.ids.flatMap(id => {
    const machine = world.machine(id);
    return Array.from({ length: 30 }, (_, index) => index)
      .filter(index => machine.partition(index).isLeader)
      .map(index => machine.produce(`v${index}`, index));
  });
  assert.equal(sent.length, 30);
  await world.until(() => sent.every(acknowledged), 'all are acknowledged', 500);
});

test('a dead follower leaves the in-sync replicas, and joins them again when it has caught up', async () => {
  const world = await new ReplicaWorld({ topic: { 'min.insync.replicas': '2' } }).start();
  world.machine(3).kill();
  const sent = world.leader().produce('while it is away');
  await world.until(() => acknowledged(sent), 'acknowledged without it', 2_000);
  assert.deepEqual(world.partition().isr, [1, 2]);
  await world.time.run(world.machine(3).start());
  await world.until(() => world.partition().isr.includes(3 as never), 'it is in sync again', 5_000);
  assert.equal(world.machine(3).log().endOffset, 1n);
});

test('a follower that hangs leaves after replica.lag.time.max.ms, even if the controller hears of it', async () => {
  const world = await new ReplicaWorld({ settings: ['replica.lag.time.max.ms=1000'] }).start();
  world.network.block(['host3'], ['host1']);
  const sent = world.leader().produce('v');
  await world.time.advance(500);
  assert.equal(sent.outcome, 'waiting');
  await world.until(() => acknowledged(sent), 'acknowledged without it', 3_000);
  assert.deepEqual(world.partition().isr, [1, 2]);
  world.network.heal();
  await world.until(() => world.partition().isr.length === 3, 'back in sync', 40_000);
});

test('below min.insync.replicas nothing is taken, and what waits is told', async () => {
  const world = await new ReplicaWorld({ topic: { 'min.insync.replicas': '2' } }).start();
  const leader = world.leader();
  world.machine(2).kill();
  world.machine(3).kill();
  const waiting = leader.produce('written');
  await world.until(() => waiting.outcome !== 'waiting', 'it is told', 5_000);
  assert.ok(failed(waiting.outcome));
  assert.equal(waiting.outcome.code, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
  const refused = leader.produce('refused').outcome;
  assert.ok(failed(refused) && refused.code === Errors.NOT_ENOUGH_REPLICAS);
  assert.equal(leader.log().highWatermark, 0n, 'nothing is committed by one replica alone');
  await world.time.run(world.machine(2).start());
  await world.until(() => leader.log().highWatermark === 1n, 'committed with a second replica', 5_000);
});

test('the next leader is a replica in sync, and goes on with what it has', async () => {
  const world = await new ReplicaWorld({ topic: { 'min.insync.replicas': '2' } }).start();
  const before = Array.from({ length: 5 }, (_, at) => world.machine(1).produce(`before${at}`));
  await world.until(() => before.every(acknowledged), 'acknowledged');
  world.machine(1).crash();
  await world.until(() => world.partition().leader === 2, 'another leads', 2_000);
  await world.until(() => world.machine(2).partition().isLeader, 'and knows it');
  const after = world.machine(2).produce('after');
  const sentMs = world.time.nowMs;
  await world.until(() => acknowledged(after), 'acknowledged', 2_000);
  assert.ok(
    world.time.nowMs - sentMs < 50,
    `in ${world.time.nowMs - sentMs} ms, without a wait for a parked fetch`,
  );
  assert.deepEqual(
    [...(await world.machine(3).values()).values()],
    [...before, after].map(each => each.value),
  );
});

test('a leadership that moves in order takes no time at all', async () => {
  const world = await new ReplicaWorld().start();
  const sent = world.machine(1).produce('v');
  await world.until(() => acknowledged(sent), 'acknowledged');
  world.elect(2);
  await world.until(() => world.machine(2).partition().isLeader, 'it leads');
  const startMs = world.time.nowMs;
  const after = world.machine(2).produce('w');
  await world.until(() => acknowledged(after), 'acknowledged by the new one', 1_000);
  assert.ok(world.time.nowMs - startMs < 60, `within ${world.time.nowMs - startMs} ms`);
});

test('who waits at a leader that loses its role is told', async () => {
  const world = await new ReplicaWorld().start();
  world.network.partition(['host1'], ['host2', 'host3']);
  const sent = world.machine(1).produce('v');
  await world.time.advance(20);
  world.elect(2);
  await world.until(() => sent.outcome !== 'waiting', 'it is told', 100);
  assert.ok(failed(sent.outcome) && sent.outcome.code === Errors.NOT_LEADER_OR_FOLLOWER);
});

test('a reassignment fills the new replicas, which then take the old ones’ place', async () => {
  const world = await new ReplicaWorld({ brokers: 4 }).start();
  world.reassign([1, 2, 3]);
  await world.until(() => !world.machine(4).partitionExists(), 'the fourth gives its replica up');
  const sent = Array.from({ length: 50 }, (_, at) => world.machine(1).produce(`v${at}`));
  await world.until(() => sent.every(acknowledged), 'acknowledged');
  world.reassign([4, 2, 3]);
  await world.until(() => world.partition().replicas.length === 3, 'complete', 5_000);
  assert.deepEqual([...world.partition().isr].sort(), [2, 3, 4]);
  assert.equal((await world.machine(4).values()).size, 50);
  await world.until(() => !world.machine(1).partitionExists(), 'the old leader gives its replica up');
});

test('deleted records are gone from every replica before it is acknowledged', async () => {
  const world = await new ReplicaWorld().start();
  const sent = Array.from({ length: 10 }, (_, at) => world.machine(1).produce(`v${at}`));
  await world.until(() => sent.every(acknowledged), 'acknowledged');
  const log = world.machine(1).log();
  assert.equal(log.incrementLogStartOffset(7n as never), undefined);
  let isDone = false;
  world
    .machine(1)
    .partition()
    .whenDeleted(7n as never, failure => {
      assert.equal(failure, undefined);
      isDone = true;
    });
  assert.equal(isDone, false);
  await world.until(() => isDone, 'all replicas have deleted them', 2_000);
  for (const id of world.ids) assert.equal(world.machine(id).log().logStartOffset, 7n);
});

test('a new replica begins where its leader’s log does', async () => {
  const world = await new ReplicaWorld().start();
  world.machine(3).kill();
  const sent = Array.from({ length: 10 }, (_, at) => world.machine(1).produce(`v${at}`));
  await world.until(() => sent.every(acknowledged), 'acknowledged', 5_000);
  assert.equal(
    world
      .machine(1)
      .log()
      .incrementLogStartOffset(6n as never),
    undefined,
  );
  await world.time.run(world.machine(3).start());
  await world.until(() => world.partition().isr.includes(3 as never), 'in sync again', 5_000);
  assert.equal(world.machine(3).log().logStartOffset, 6n);
  assert.deepEqual([...(await world.machine(3).values()).keys()], [6n, 7n, 8n, 9n]);
});

test('a log directory that fails takes its replicas out, and the leader goes on', async () => {
  const world = await new ReplicaWorld().start();
  world.machine(2).disk.faults = ({ kind }) => (kind === 'sync' ? { code: 'EIO' } : undefined);
  const sent = world.machine(1).produce('v');
  await world.time.advance(100);
  assert.equal(sent.outcome, 'waiting');
  const broken = world.machine(2).partition();
  assert.equal(broken.role.kind, 'none');
});
