import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asNodeId } from '../../src/model/ids.ts';
import { ClusterWorld, type Machine } from '../support/cluster_world.ts';

async function combined(nodes: number, settings: readonly string[] = []): Promise<ClusterWorld> {
  const world = new ClusterWorld({ combined: nodes, settings });
  await world.start();
  return world;
}

const others = (world: ClusterWorld, ...not: (Machine | undefined)[]): Machine[] =>
  world.all.filter(machine => machine.isRunning && !not.includes(machine));

/** Whether a running node's metadata has the broker fenced. */
function isFenced(seenFrom: Machine, { id }: Machine): boolean {
  return seenFrom.broker!.image.cluster.brokers.get(asNodeId(id))?.fenced === true;
}

test('a broker whose process is gone is fenced in milliseconds', async () => {
  const world = await combined(3);
  const [victim, witness] = others(world, world.active) as [Machine, Machine];
  victim.kill();
  const tookMs = await world.until(() => isFenced(witness, victim));
  assert.ok(tookMs < 50, `${tookMs} ms`);
});

test('so is one that dies with the active controller in it', async () => {
  const world = await combined(3);
  const victim = world.active!;
  const [witness] = others(world, victim) as [Machine];
  victim.kill();
  const tookMs = await world.until(() => world.active !== undefined && isFenced(witness, victim));
  assert.ok(tookMs < 250, `${tookMs} ms`);
  for (const machine of others(world)) assert.ok(!isFenced(witness, machine), `broker ${machine.id}`);
});

test('a new controller fences nobody else, and no broker misses its heartbeat', async () => {
  const world = await combined(5);
  for (let round = 0; round < 3; round++) {
    const victim = world.active!;
    victim.kill();
    await world.until(() => world.active !== undefined);
    await world.time.advance(5_000);
    const fenced = others(world).filter(machine => isFenced(world.active!, machine));
    assert.deepEqual(fenced, []);
    await world.start();
  }
});

test('a broker that hangs is fenced when its session is over', async () => {
  const world = await combined(3);
  const [victim, witness] = others(world, world.active) as [Machine, Machine];
  // The node knows that it may serve a moment before the others do.
  await world.until(() => !isFenced(witness, victim), 1_000);
  victim.pause();
  const tookMs = await world.until(() => isFenced(witness, victim));
  assert.ok(tookMs > 1_500 && tookMs < 2_200, `${tookMs} ms`);
  victim.resume();
  await world.until(() => !isFenced(witness, victim), 1_000);
});

test('so is one that hangs with the active controller in it, soon after another took over', async () => {
  const world = await combined(3);
  const victim = world.active!;
  const [witness] = others(world, victim) as [Machine];
  victim.pause();
  const tookMs = await world.until(() => isFenced(witness, victim));
  assert.ok(tookMs < 3_000, `${tookMs} ms`);
  victim.resume();
  await world.until(() => !isFenced(witness, victim), 2_000);
  for (const machine of others(world)) assert.ok(!isFenced(witness, machine));
});

test('a controller that wakes up after a while fences nobody for the time that it slept', async () => {
  // Nobody else can lead, so it still does when it wakes up.
  const world = new ClusterWorld({ controllers: 1, brokers: 3 });
  await world.start();
  const controller = world.machine(1);
  controller.pause();
  await world.time.advance(10_000);
  controller.resume();
  const startedMs = world.time.nowMs;
  while (world.time.nowMs < startedMs + 3_000) {
    await world.time.advance(50);
    for (const id of [2, 3, 4]) assert.ok(!isFenced(controller, world.machine(id)), `broker ${id}`);
  }
});

test('a broker that is started again at once need not wait for its old session', async () => {
  const world = await combined(3);
  const [victim] = others(world, world.active) as [Machine];
  victim.kill();
  const startedMs = world.time.nowMs;
  await world.time.run(victim.start());
  assert.ok(world.time.nowMs - startedMs < 500, `${world.time.nowMs - startedMs} ms`);
});

test('a broker whose listener the controllers can not reach is not taken for dead twice', async () => {
  const world = new ClusterWorld({ combined: 3, brokers: 1 });
  const hidden = world.machine(4);
  hidden.settings = ['advertised.listeners=PLAINTEXT://node4:1'];
  await world.start();
  // Its controller dies: the next one finds its listener refusing.
  world.active!.kill();
  await world.until(() => world.active !== undefined && isFenced(world.active, hidden));
  const [witness] = others(world, world.active, hidden) as [Machine];
  await world.until(() => !isFenced(world.active!, hidden) && !isFenced(witness, hidden), 1_000);
  let wasFenced = false;
  await world.until(() => {
    wasFenced ||= isFenced(witness, hidden);
    return world.time.nowMs > 20_000;
  });
  assert.equal(wasFenced, false);
});

test('a cluster that is stopped all at once ends soon, its last node too', async () => {
  const world = await combined(3);
  await world.createTopic(1, 'led', { partitions: 6, replicas: 3 });
  const startedMs = world.time.nowMs;
  await world.time.run(Promise.all(world.all.map(machine => machine.stop())));
  assert.ok(world.time.nowMs - startedMs < 2_500, `${world.time.nowMs - startedMs} ms`);
});

test('a node that is stopped hands over everything before it goes', async () => {
  const world = await combined(3);
  await world.createTopic(1, 'led', { partitions: 6, replicas: 3 });
  await world.until(() =>
    world.all.every(({ broker }) =>
      broker!.image.topics.byName('led')?.partitions.every(each => each.isr.length === 3),
    ),
  );
  const leaving = world.active!;
  const [witness] = others(world, leaving) as [Machine];
  let wereLed = true;
  const stopped = leaving.stop();
  const startedMs = world.time.nowMs;
  await world.until(() => {
    const partitions = witness.broker!.image.topics.byName('led')!.partitions;
    wereLed &&= partitions.every(partition => partition.leader !== -1);
    return !leaving.isRunning;
  });
  await world.time.run(stopped);
  assert.ok(wereLed, 'no partition was without a leader');
  assert.ok(world.time.nowMs - startedMs < 1_000, `${world.time.nowMs - startedMs} ms`);
  const { partitions } = witness.broker!.image.topics.byName('led')!;
  assert.ok(partitions.every(partition => partition.leader !== leaving.id));
});
