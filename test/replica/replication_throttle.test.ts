import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asNodeId, asPartitionIndex } from '../../src/model/ids.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { ReplicationThrottle } from '../../src/replica/replication_throttle.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { settingsOf } from '../support/partition_world.ts';
import { ReplicaWorld } from '../support/replica_world.ts';

function settings(overrides: readonly string[]) {
  const configuration = loadConfiguration({ overrides, hostname: 'test' });
  assert.ok('settings' in configuration);
  return configuration.settings;
}

test('the rate is that of the last samples', async () => {
  const time = new SimulatedTime();
  const limited = settings(['follower.replication.throttled.rate=1000']);
  const throttle = new ReplicationThrottle({
    clock: new SimulatedClock(time),
    settings: () => limited,
    side: 'follower',
  });
  assert.equal(throttle.isLimited, true);
  assert.equal(throttle.isExceeded(), false);
  throttle.record(10_000);
  assert.equal(throttle.isExceeded(), false, 'as much as the windows allow');
  throttle.record(1);
  assert.equal(throttle.isExceeded(), true);
  await time.advance(10_100);
  assert.equal(throttle.isExceeded(), false, 'spread over more time');
  throttle.record(1_000);
  assert.equal(throttle.isExceeded(), true);
  await time.advance(11_000);
  assert.equal(throttle.isExceeded(), false, 'forgotten');
});

test('without a rate nothing is limited', () => {
  const clock = new SimulatedClock(new SimulatedTime());
  const throttle = new ReplicationThrottle({ clock, settings: () => settings([]), side: 'leader' });
  assert.equal(throttle.isLimited, false);
});

test('which replicas it concerns', () => {
  const clock = new SimulatedClock(new SimulatedTime());
  const throttle = new ReplicationThrottle({ clock, settings: () => settings([]), side: 'leader' });
  const cases: [replicas: string, concerned: boolean][] = [
    ['', false],
    ['*', true],
    ['3:1', true],
    ['3:2,2:1', false],
  ];
  for (const [replicas, concerned] of cases) {
    const config = settingsOf({ 'leader.replication.throttled.replicas': replicas });
    const partition = { config, index: asPartitionIndex(3) } as Partition;
    assert.equal(throttle.concerns(partition, asNodeId(1)), concerned, replicas);
  }
});

for (const side of ['leader', 'follower']) {
  test(`a replica that catches up is slowed down at the ${side}, one in sync is not`, async () => {
    const rate = 2_000;
    const world = await new ReplicaWorld({
      settings: [`${side}.replication.throttled.rate=${rate}`, 'replica.fetch.max.bytes=1000'],
      topic: { [`${side}.replication.throttled.replicas`]: '*' },
    }).start();
    world.machine(3).kill();
    await world.until(() => world.partition().isr.length === 2, 'one is out of sync', 5_000);
    const sent = Array.from({ length: 100 }, (_, at) =>
      world.machine(1).produce(`v${at}`.padEnd(1_000, '.')),
    );
    const startMs = world.time.nowMs;
    await world.until(() => sent.every(each => each.outcome === 'acknowledged'), 'acknowledged', 2_000);
    assert.ok(world.time.nowMs - startMs < 1_000, 'replicas in sync go on at their speed');
    await world.time.run(world.machine(3).start());
    const sinceMs = world.time.nowMs;
    await world.until(() => world.partition().isr.length === 3, 'it has caught up', 300_000);
    const seconds = (world.time.nowMs - sinceMs) / 1000;
    const bytes = world.machine(3).log().sizeBytes;
    const reached = bytes / seconds;
    // The first windows' worth comes in a burst, as in Kafka.
    assert.ok(reached < rate * 2 && reached > rate / 2, `${Math.round(reached)} bytes a second`);
  });
}
