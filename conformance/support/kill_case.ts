import assert from 'node:assert/strict';
import type { Driver, Work } from './driver.ts';
import { Ledger } from './ledger.ts';
import type { Case, Scenario } from './program.ts';
import { until } from './wait.ts';

const PARTITIONS = 3;
/** How much is acknowledged and committed before the node is killed, and again afterwards. */
const ENOUGH = 300;
const PATIENCE = { timeoutMs: 60_000 };

/** Sends numbered values to each partition, one after the other, until told to stop. */
class Load {
  /** By partition: how many values were acknowledged; they are 0, 1, 2, … in that order. */
  readonly acked: number[] = Array(PARTITIONS).fill(0);
  readonly #senders: Promise<void>[];
  #stopped = false;

  constructor(send: (records: readonly Work[]) => Promise<void>) {
    this.#senders = this.acked.map(async (_, partition) => {
      for (; !this.#stopped; this.acked[partition]!++) {
        await send([{ partition, value: String(this.acked[partition]) }]);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#senders);
  }
}

const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);

/** By partition: what a new reader finds, from the beginning to the end. */
async function readBack(
  driver: Driver,
  scenario: Scenario,
  topic: string,
  ends: ReadonlyMap<number, number>,
): Promise<number[][]> {
  const values: number[][] = Array.from({ length: PARTITIONS }, () => []);
  const stop = await driver.readValues(scenario, topic, (partition, value) =>
    values[partition]!.push(Number(value)),
  );
  try {
    await until('everything is read back', () => values.every((read, at) => read.length >= ends.get(at)!), {
      detail: () => `${values.map(read => read.length).join(' ')} of ${[...ends.values()].join(' ')}`,
    });
  } finally {
    await stop();
  }
  return values;
}

/**
 * The node dies while records are produced and consumed: all that it acknowledged is there in order, once if the
 * client's producer is idempotent, and the group goes on where it committed.
 */
export const killCase =
  (driver: Driver, { idempotent }: { idempotent: boolean }): Case =>
  async scenario => {
    const [topic, group] = [scenario.name('topic'), scenario.name('group')];
    await driver.createTopic(scenario, topic, PARTITIONS);
    const ledger = new Ledger({ looseOwners: true });
    const start = (name: string) => driver.startMember(scenario, { group, topic, name, ledger });
    const members = [await start('a'), await start('b')];
    const acked = await driver.withSender(scenario, topic, async send => {
      const load = new Load(send);
      const detail = () => `${sum(load.acked)} acknowledged, ${ledger.describe()}`;
      const reached = (count: number) => () => sum(load.acked) >= count && ledger.committedCount >= count;
      await until('records flow', reached(ENOUGH), { detail });
      await scenario.restartNode();
      const before = Math.max(sum(load.acked), ledger.committedCount);
      await until('records flow again after the restart', reached(before + ENOUGH), { ...PATIENCE, detail });
      await load.stop();
      return load.acked;
    });
    const ends = await driver.endOffsets(scenario, topic);
    await until('the group has committed everything', () => ledger.committedCount === sum(ends.values()), {
      ...PATIENCE,
      detail: () => ledger.describe(),
    });
    for (const member of members) await member.stop();
    ledger.assertComplete(ends, { exactlyOnce: false });

    const values = await readBack(driver, scenario, topic, ends);
    for (const [partition, count] of acked.entries()) {
      const expected = Array.from({ length: count }, (_, value) => value);
      const read = values[partition]!;
      const found = idempotent ? read : read.filter((value, at) => at === 0 || value !== read[at - 1]);
      assert.deepEqual(found, expected, `partition ${partition}: what was acknowledged, in order`);
    }
  };
