/*
 * npm run chaos [-- OPTIONS]: a cluster of real processes on real disks, librdkafka's clients at work on it, and faults
 * every few seconds. What the clients saw is checked by the definitions of Jepsen's Kafka workload. See README.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../src/simulation/seeded_random.ts';
import { chooseFault, FAULTS, type FaultWorld } from './faults.ts';
import { runSession, type Session, TOPIC } from './session.ts';

const USAGE = `npm run chaos [-- OPTIONS]
  --minutes M    how long faults are made (2)
  --seed N       of the choice of faults (1)
  --brokers N    3 or 5 (3)
  --faults A,B   only these: ${FAULTS.map(({ name }) => name).join(', ')}
  --keep         keep the folder with the data, the logs and the histories
  --require-all  a machine that can't do it is a failure, not a skip`;

const MOST_BETWEEN_FAULTS_MS = 3000;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
        brokers: { type: 'string', default: '3' },
        faults: { type: 'string' },
        keep: { type: 'boolean', default: false },
        'require-all': { type: 'boolean', default: false },
      },
    });
    const [minutes, seed, brokers] = [Number(values.minutes), Number(values.seed), Number(values.brokers)];
    const faults = values.faults?.split(',') ?? FAULTS.map(({ name }) => name);
    const unknown = faults.find(name => !FAULTS.some(fault => fault.name === name));
    if (unknown !== undefined) throw new Error(`--faults: there is no fault ${unknown}`);
    if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');
    if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number');
    if (brokers !== 3 && brokers !== 5) throw new Error('--brokers must be 3 or 5');
    const { keep, 'require-all': requireAll } = values;
    return {
      keep,
      requireAll,
      minutes,
      seed,
      brokers,
      faults: FAULTS.filter(({ name }) => faults.includes(name)),
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = readOptions();

/** Makes faults until the time is over. */
async function makeFaults({ cluster, clients, problem, progress }: Session): Promise<void> {
  const random = new SeededRandom(options.seed);
  const world: FaultWorld = { cluster, random, topic: TOPIC, isInSync: () => clients.isInSync, problem };
  const counts = new Map<string, number>();
  let kills = 0;
  const endMs = performance.now() + options.minutes * 60_000;
  while (performance.now() < endMs) {
    const fault = chooseFault(random, options.faults);
    const what = await fault.run(world);
    if (what !== undefined) {
      progress(what);
      counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
      kills += fault.kills;
    }
    await sleep(random.fraction() * MOST_BETWEEN_FAULTS_MS);
  }
  const made = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  progress(`faults: ${made}; processes killed: ${kills}`);
}

await runSession(options, async session => {
  await makeFaults(session);
  return new Map();
});
