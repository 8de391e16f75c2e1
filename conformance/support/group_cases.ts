import assert from 'node:assert/strict';
import type { Driver } from './driver.ts';
import { Ledger } from './ledger.ts';
import type { Case, Scenario } from './program.ts';
import { until } from './wait.ts';

export const PARTITIONS = 6;

/** One record for each partition. */
export const ROUND = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, value: 'work' }));

export const allEnd = (end: number) => new Map(ROUND.map(({ partition }) => [partition, end]));

/** Waits until these members share the partitions and each has processed something since. */
export function settled(ledger: Ledger, names: readonly string[], minimumEach: number): Promise<void> {
  return until(
    `${names.join(', ')} share ${PARTITIONS} partitions and work`,
    () => ledger.isShared(names, PARTITIONS, minimumEach),
    { detail: () => ledger.describe() },
  );
}

/** Sends rounds while `work` is done; resolves to how many. */
export function feedDuring(
  driver: Driver,
  scenario: Scenario,
  topic: string,
  work: () => Promise<void>,
): Promise<number> {
  return driver.withSender(scenario, topic, async send => {
    let rounds = 0;
    let working = true;
    const feed = (async () => {
      for (; working; rounds++) await send(ROUND);
    })();
    // Both end before anything is said of either.
    const [worked, fed] = await Promise.allSettled([
      work().finally(() => {
        working = false;
      }),
      feed,
    ]);
    for (const ended of [worked, fed]) if (ended.status === 'rejected') throw ended.reason;
    return rounds;
  });
}

/** Two members become three while records keep coming, then one again: nothing is missed, nothing comes twice. */
export const rebalanceCase =
  (driver: Driver): Case =>
  async scenario => {
    const [topic, group] = [scenario.name('topic'), scenario.name('group')];
    await driver.createTopic(scenario, topic, PARTITIONS);
    const ledger = new Ledger();
    const start = (name: string) => driver.startMember(scenario, { group, topic, name, ledger });
    const rounds = await feedDuring(driver, scenario, topic, async () => {
      const a = await start('a');
      const b = await start('b');
      await settled(ledger, ['a', 'b'], 3);
      const c = await start('c');
      await settled(ledger, ['a', 'b', 'c'], 2);
      await a.stop();
      await b.stop();
      await settled(ledger, ['c'], PARTITIONS);
      await c.stop();
    });
    const last = await start('last');
    await until('everything is committed', () => ledger.committedCount === rounds * PARTITIONS, {
      detail: () => `${rounds * PARTITIONS} sent, ${ledger.describe()}`,
    });
    await last.stop();
    ledger.assertComplete(allEnd(rounds), { exactlyOnce: true });
    assert.deepEqual(await driver.committedOffsets(scenario, group, topic), allEnd(rounds));
  };

/** A group that stopped goes on where its commits say, with other members. */
export const resumeCase =
  (driver: Driver): Case =>
  async scenario => {
    const [topic, group] = [scenario.name('topic'), scenario.name('group')];
    await driver.createTopic(scenario, topic, PARTITIONS);
    const ledger = new Ledger();
    await driver.withSender(scenario, topic, async send => {
      for (let stint = 1; stint <= 3; stint++) {
        for (let round = 0; round < 20; round++) await send(ROUND);
        const names = [`first-${stint}`, `second-${stint}`];
        const members = [];
        for (const name of names) {
          members.push(await driver.startMember(scenario, { group, topic, name, ledger }));
        }
        await until('everything is committed', () => ledger.committedCount === stint * 20 * PARTITIONS, {
          detail: () => ledger.describe(),
        });
        for (const member of members) await member.stop();
        ledger.assertComplete(allEnd(stint * 20), { exactlyOnce: true });
        assert.deepEqual(await driver.committedOffsets(scenario, group, topic), allEnd(stint * 20));
      }
    });
  };
