import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaFaults } from '../support/replica_faults.ts';
import { ReplicaWorld } from '../support/replica_world.ts';

const SEEDS = Number(process.env['REPLICA_SEEDS'] ?? 25);
const FIRST_SEED = Number(process.env['REPLICA_SEED'] ?? 1);

async function run(seed: number) {
  const world = new ReplicaWorld({
    seed,
    partitions: 1 + (seed % 3),
    topic: { 'min.insync.replicas': '2' },
    settings: [
      'replica.lag.time.max.ms=1000',
      'replica.fetch.backoff.ms=100',
      'replica.socket.timeout.ms=1000',
    ],
    syncMs: seed % 5,
  });
  world.lostAnswers = 0.1;
  await world.start();
  return await new ReplicaFaults(world).run();
}

test('nothing acknowledged is lost, and replicas agree, whatever crashes, hangs and is cut off', async () => {
  let acknowledged = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const report = await run(seed).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
    acknowledged += report.acknowledged;
  }
  assert.ok(acknowledged > SEEDS * 20, `${acknowledged} records were acknowledged`);
});

test('the same seed is the same run', async () => {
  assert.deepEqual(await run(3), await run(3));
});
