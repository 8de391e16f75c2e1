import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEvent } from '../../src/checker/history.ts';
import { PROFILES } from '../../src/simulation/run/profiles.ts';
import { failureOf, shorten } from '../../src/simulation/run/shorten.ts';
import type { SimulationOptions } from '../../src/simulation/run/simulation.ts';

/** The values of a run are counted from 1 on: it takes a while until this one is read. */
const PLANTED_FROM = 25;
const NEVER_WRITTEN = 999_999;

/** Makes what a reader was given another value, which the last check alone finds. */
function plant(_topic: string, event: HistoryEvent): void {
  const polls = 'polls' in event ? event.polls : undefined;
  for (const { records } of polls ?? []) {
    for (const record of records as [offset: number, value: number | string][]) {
      if (Number(record[1]) >= PLANTED_FROM) record[1] = NEVER_WRITTEN;
    }
  }
}

test('what shows only at the end is found again after the shortest time of faults, and not after a shorter one', async () => {
  const options: SimulationOptions = {
    seed: 5,
    profile: { ...PROFILES['single']!, weights: [{ resets: 1 }] },
    chaosMs: 16_000,
    onHistory: plant,
  };
  const failure = await failureOf(options);
  assert.ok(failure !== undefined && !failure.isInChaos, String(failure));
  const shortest = await shorten(failure, options);
  const { chaosMs, hash, events, message } = shortest;
  assert.ok(chaosMs !== undefined && chaosMs > 1_000 && chaosMs < 15_000, `${chaosMs} ms`);

  const again = await failureOf({ ...options, chaosMs });
  assert.deepEqual([again?.hash, again?.events, again?.message], [hash, events, message]);
  assert.equal(await failureOf({ ...options, chaosMs: chaosMs - 1_000 }), undefined);
});
