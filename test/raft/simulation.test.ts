import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultOptions, type FaultReport, simulateFaults } from '../support/quorum_faults.ts';

/*
 * A quorum under faults, checked after every event: see test/support/quorum_checker.ts for what must hold. A failure
 * names its seed; `QUORUM_SEEDS=1000-5000 npm test -- raft/simulation` runs others.
 */

const CLUSTER = 'MDEyMzQ1Njc4OWFiY2RlZg';
const [first = 1, last = first + 99] = (process.env['QUORUM_SEEDS'] ?? '')
  .split('-')
  .filter(Boolean)
  .map(Number);

/** How each kind of run differs from the others. */
const KINDS: Record<string, (seed: number) => Partial<FaultOptions>> = {
  'voters that found their cluster': seed => ({
    autoJoin: seed % 3 === 0,
    changesVoters: true,
    losesDisk: true,
  }),
  'static voters': () => ({ formattedAs: CLUSTER, losesDisk: true }),
  'logs in files': () => ({ hasFiles: true, changesVoters: true, losesDisk: true }),
};
/** Of four runs. */
const SCHEDULE = [
  'voters that found their cluster',
  'voters that found their cluster',
  'static voters',
  'logs in files',
];

async function simulate(seed: number): Promise<FaultReport> {
  const kind = SCHEDULE[seed % SCHEDULE.length]!;
  return await simulateFaults({ seed, voters: 3 + 2 * (seed % 2), observers: 2, ...KINDS[kind]!(seed) });
}

test(`nothing committed is lost in ${last - first + 1} runs full of faults, and each goes on when they end`, async () => {
  const totals: Record<string, number> = {};
  for (let seed = first; seed <= last; seed++) {
    const { elections, committed, counts } = await simulate(seed);
    for (const [what, count] of Object.entries({ elections, committed, ...counts })) {
      totals[what] = (totals[what] ?? 0) + count;
    }
  }
  // The runs are worth something only if things happen in them.
  const expected = [
    'elections',
    'committed',
    'crashed',
    'killed',
    'paused',
    'cut',
    'snapshot',
    'disk lost',
    'removed',
    'added',
  ];
  for (const what of expected) assert((totals[what] ?? 0) > 0, `nothing was ${what} in all runs`);
});

test('the same seed gives the same run', async () => {
  assert.deepEqual(await simulate(4), await simulate(4));
  assert.deepEqual(await simulate(7), await simulate(7));
});
