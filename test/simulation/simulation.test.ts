import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROFILES } from '../../src/simulation/run/profiles.ts';
import { Simulation, SimulationFailure } from '../../src/simulation/run/simulation.ts';

/** Fixed seeds, short ones: the long runs are `npm run sim`. */
const RUNS: readonly (readonly [profile: string, seeds: readonly number[], chaosSeconds: number])[] = [
  ['single', [1, 2], 40],
  ['calm', [2], 10],
  ['mixed', [1, 4, 7], 40],
  ['crashes', [1], 40],
  ['network', [1], 40],
  ['flips', [4], 30],
];

for (const [profile, seeds, chaosSeconds] of RUNS) {
  for (const seed of seeds) {
    test(`nothing is wrong in ${profile} seed ${seed}`, async () => {
      const report = await run(profile, seed, chaosSeconds);
      assert.ok(report.acknowledged > 0, 'nothing was acknowledged');
      assert.ok(report.read >= report.acknowledged);
    });
  }
}

test('a seed is the same run each time, and another seed another', async () => {
  const [first, again, other] = [
    await run('mixed', 8, 20),
    await run('mixed', 8, 20),
    await run('mixed', 10, 20),
  ];
  assert.deepEqual(again, first);
  assert.notEqual(other.hash, first.hash);
});

async function run(profile: string, seed: number, chaosSeconds: number) {
  try {
    return await new Simulation({ seed, profile: PROFILES[profile]!, chaosMs: 1_000 * chaosSeconds }).run();
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    return assert.fail(`${error.message}\n${error.transcript.slice(-40).join('\n')}`);
  }
}
