/*
 * npm run chaos [-- OPTIONS]: a cluster of real processes on real disks, librdkafka's clients at work on it, and faults
 * every few seconds. What the clients saw is checked by the definitions of Jepsen's Kafka workload. See README.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { librdkafkaPython } from '../conformance/clients.ts';
import { killAll } from '../conformance/runner/children.ts';
import { MissingTool } from '../conformance/runner/toolchain.ts';
import { describeReport } from '../src/checker/describe_report.ts';
import { SeededRandom } from '../src/simulation/seeded_random.ts';
import { ChaosCluster, hostOf } from './chaos_cluster.ts';
import { ChaosClients } from './clients.ts';
import { chooseFault, FAULTS, type FaultWorld } from './faults.ts';
import { NetworkLab, networkLabProblem } from './network_lab.ts';

const USAGE = `npm run chaos [-- OPTIONS]
  --minutes M    how long faults are made (2)
  --seed N       of the choice of faults (1)
  --brokers N    3 or 5 (3)
  --faults A,B   only these: ${FAULTS.map(({ name }) => name).join(', ')}
  --keep         keep the folder with the data, the logs and the histories
  --require-all  a machine that can't do it is a failure, not a skip`;

const TOPIC = 'chaos';
const PARTITIONS = 6;
const MOST_BETWEEN_FAULTS_MS = 3000;
/** For the cluster to get whole again, as Jepsen's final phase gives it. */
const HEAL_MS = 10_000;
const FINISH_TIMEOUT_MS = 300_000;
const CLIENTS = 'clients';
const here = import.meta.dirname;

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
    return { ...values, minutes, seed, brokers, faults: FAULTS.filter(({ name }) => faults.includes(name)) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = readOptions();
const startedMs = performance.now();
const progress = (text: string) => {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${text}`,
  );
};

/** Makes faults until the time is over. @returns how often each was made, and how many processes were killed */
async function makeFaults(
  world: FaultWorld,
): Promise<{ readonly counts: ReadonlyMap<string, number>; readonly kills: number }> {
  const { random } = world;
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
  return { counts, kills };
}

/** Everything works again: processes, network and disks. */
async function heal(cluster: ChaosCluster, problem: (text: string) => void): Promise<void> {
  await cluster.lab.heal();
  cluster.emptyDisk();
  for (const node of cluster.nodes) {
    node.resume();
    if (!node.isRunning) node.start().catch((error: Error) => problem(error.message));
  }
  await sleep(HEAL_MS);
}

async function main(folder: string): Promise<number> {
  const python = await librdkafkaPython({
    cache: join(here, '../conformance/.cache'),
    logPath: join(folder, 'setup.log'),
    progress,
  });
  const random = new SeededRandom(options.seed);
  const problems: string[] = [];
  const hosts = [...Array.from({ length: options.brokers }, (_, index) => hostOf(index + 1)), CLIENTS];
  const lab = await NetworkLab.open(hosts);
  progress(
    `seed ${options.seed}: ${options.brokers} brokers, faults for ${options.minutes} minutes; logs in ${folder}`,
  );
  let failed = 0;
  try {
    const program = [join(here, '../bin/odradek'), 'serve'] as const;
    const cluster = await ChaosCluster.start({ lab, brokers: options.brokers, folder, program });
    process.once('exit', () => cluster.unmount());
    const workload = {
      bootstrap: cluster.bootstrap,
      topic: TOPIC,
      partitions: PARTITIONS,
      seed: options.seed,
    };
    const clients = await ChaosClients.start(
      lab.on(CLIENTS, { file: python, args: [join(here, 'workload.py'), JSON.stringify(workload)] }),
      folder,
    );
    const world: FaultWorld = {
      cluster,
      random,
      topic: TOPIC,
      isInSync: () => clients.isInSync,
      problem: text => problems.push(text),
    };
    const { counts, kills } = await makeFaults(world);
    progress('healing, then everything is read back');
    await heal(cluster, world.problem);
    await clients.finish(FINISH_TIMEOUT_MS);
    problems.push(...clients.problems, ...cluster.nodes.flatMap(({ surprises }) => surprises));
    await cluster.stop();
    const made = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
    progress(`faults: ${made}; processes killed: ${kills}`);
    progress(`clients: ${JSON.stringify(clients.counts)}`);
    failed = report(clients, problems);
  } finally {
    await lab.close();
  }
  return failed;
}

/** @returns how many of the checks failed */
function report(clients: ChaosClients, problems: readonly string[]): number {
  let failed = 0;
  for (const [name, found] of clients.reports()) {
    const isGood = typeof found !== 'string' && found.isValid;
    if (!isGood) failed++;
    console.log(
      `${isGood ? 'ok' : 'FAILED'}  history ${name}: ${typeof found === 'string' ? found : describeReport(found)}`,
    );
  }
  if (problems.length > 0) failed++;
  console.log(problems.length === 0 ? 'ok  no problem besides' : `FAILED  ${problems.join('\n        ')}`);
  return failed;
}

const CHECKS = 3;
const problem = networkLabProblem();
if (problem !== undefined && !options['require-all']) {
  console.log(`skipped chaos: ${problem}\n0 passed, 0 failed, 1 skipped`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'odradek-chaos-'));
  mkdirSync(join(here, '../conformance/.cache'), { recursive: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', killAll);
  let failed = CHECKS;
  try {
    failed = await main(folder);
  } catch (error) {
    if (error instanceof MissingTool && !options['require-all']) {
      console.log(`skipped chaos: ${error.message}\n0 passed, 0 failed, 1 skipped`);
      process.exit(0);
    }
    console.log(`FAILED  ${(error as Error).message}`);
  }
  if (failed > 0 || options.keep) console.log(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  console.log(`${CHECKS - failed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
